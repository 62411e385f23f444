import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import { show } from "../desk/show";
import Summary from "./summary";

const LINE = { id: "l1", kind: "agenda", text_ko: "계획을 확인함", text_en: "Reviewed the plan", at: "2026-03-02T01:05:00Z", at_s: 65, evidence: ["f1"], author: null, by: { id: "k", name: "이견본" } };
const SUMMARY = {
  id: "y1",
  appointment: { id: "a1", kind: "counselling", title: "견본 상담", starts_at: "2026-03-02T01:00:00Z" },
  recording_id: null,
  lines: [LINE],
  version: 1,
  status: "drafted",
  drafted_at: "2026-03-02T02:00:00Z",
  approved_by: null,
  approved_at: null,
};
const APPROVED = { ...SUMMARY, status: "approved", version: 2, approved_by: { id: "k", name: "김견본" }, approved_at: "2026-03-02T03:00:00Z" };

test("a line of a call that nothing recorded says when it was at the centre", async () => {
  show(<Summary id="y1" />, (one) =>
    one.on("GET /api/summaries/y1", { ...SUMMARY, lines: [{ ...LINE, at_s: null }, { ...LINE, id: "l2", at: null, at_s: null, author: { id: "k", name: "김견본" } }] }),
  );
  expect(await screen.findByText("10:05")).toHaveProperty("dateTime", "2026-03-02T01:05:00Z");
  expect(screen.getAllByRole("listitem").map((line) => line.querySelectorAll("time").length)).toEqual([1, 0]);
});

test("approving sends the changed words first and stands for that version; sharing is not part of it", async () => {
  const { server, user } = show(<Summary id="y1" />, (one) =>
    one
      .on("GET /api/summaries/y1", SUMMARY)
      .on("PUT /api/summaries/y1", { ...SUMMARY, version: 2 })
      .on("POST /api/summaries/y1/approve", APPROVED),
  );
  await screen.findByText("순서 · 이견본 · 기록에서 자동으로 작성");
  await user.type(screen.getByLabelText("1번째 줄"), ".");
  expect(screen.queryByRole("button", { name: "구직자에게 공개" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "승인" }));
  await screen.findByText(/김견본, .* 승인/);
  expect(server.bodies("PUT /api/summaries/y1").at(-1)).toEqual({
    version: 1,
    lines: [{ id: "l1", text_ko: "계획을 확인함.", text_en: "계획을 확인함." }],
  });
  expect(server.bodies("POST /api/summaries/y1/approve")).toEqual([{ version: 2 }]);
  expect(server.bodies("POST /api/summaries/y1/share")).toEqual([]);
});

test("an approved summary is shared on a link of its own, after a question", async () => {
  const { server, user } = show(<Summary id="y1" />, (one) =>
    one.on("GET /api/summaries/y1", APPROVED).on("POST /api/summaries/y1/share", { url: "http://localhost/shared#secret" }),
  );
  await user.click(await screen.findByRole("button", { name: "구직자에게 공개" }));
  const question = await screen.findByRole("dialog");
  expect(server.bodies("POST /api/summaries/y1/share")).toEqual([]);
  await user.click(within(question).getByRole("button", { name: "구직자에게 공개" }));
  expect(await screen.findByDisplayValue("http://localhost/shared#secret")).toBeTruthy();
});

test("the summary of a group cannot be shared with one of its people", async () => {
  show(<Summary id="y1" />, (one) => one.on("GET /api/summaries/y1", { ...APPROVED, appointment: { ...SUMMARY.appointment, kind: "small_group" } }));
  await screen.findByText("계획을 확인함");
  expect(screen.queryByRole("button", { name: "구직자에게 공개" })).toBeNull();
});
