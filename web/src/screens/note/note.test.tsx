import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import { KIM, show } from "../desk/show";
import Note from "./note";

const NOTE = {
  id: "n1",
  case_id: "c1",
  appointment: { id: "a1", kind: "counselling", title: "", starts_at: "2026-03-02T01:00:00Z" },
  seeker: { id: "s1", name: "정견본" },
  author: { id: KIM.id, name: KIM.name },
  text: "처음 글",
  version: 3,
  status: "draft",
  locked: false,
  signed_at: null,
  updated_at: "2026-03-02T02:00:00Z",
  amendments: [],
};
const SIGNED = { ...NOTE, status: "signed", locked: true, text: "확정한 글", signed_at: "2026-03-02T03:00:00Z" };

test("signing first saves what was typed, and signs exactly that version", async () => {
  const { server, user } = show(<Note id="n1" />, (one) =>
    one
      .on("GET /api/notes/n1", NOTE)
      .on("PUT /api/notes/n1", { ...NOTE, version: 4 })
      .on("POST /api/notes/n1/sign", { ...SIGNED, version: 4 }),
  );
  await user.type(await screen.findByLabelText("상담 내용"), " 더함");
  await user.click(screen.getByRole("button", { name: "확정" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "확정" }));
  await screen.findByText("확정된 상담일지");
  expect(server.bodies("PUT /api/notes/n1").at(-1)).toEqual({ text: "처음 글 더함", version: 3 });
  expect(server.bodies("POST /api/notes/n1/sign")).toEqual([{ version: 4 }]);
});

test("a note that was changed in another window is not signed, and says what to do", async () => {
  const { server, user } = show(<Note id="n1" />, (one) =>
    one.on("GET /api/notes/n1", NOTE).on("PUT /api/notes/n1", { code: "note_changed_elsewhere" }, 409),
  );
  await user.type(await screen.findByLabelText("상담 내용"), " 더함");
  await user.click(screen.getByRole("button", { name: "확정" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "확정" }));
  expect((await screen.findAllByText(/다른 창에서 먼저 고쳤습니다/)).length).toBeGreaterThan(0);
  expect(server.bodies("POST /api/notes/n1/sign")).toEqual([]);
});

test("a signed note can be read and added to with a reason, never changed", async () => {
  const { server, user } = show(<Note id="n1" />, (one) => one.on("GET /api/notes/n1", SIGNED).on("POST /api/notes/n1/amend", SIGNED));
  expect(await screen.findByText("확정한 글")).toBeTruthy();
  expect(screen.queryByLabelText("상담 내용")).toBeNull();
  await user.type(screen.getByLabelText(/덧붙일 내용/), "연락처 고침");
  await user.type(screen.getByLabelText(/덧붙이는 사유/), "잘못 적음");
  await user.click(screen.getByRole("button", { name: "덧붙이기" }));
  await expect.poll(() => server.bodies("POST /api/notes/n1/amend")).toEqual([{ text: "연락처 고침", reason: "잘못 적음" }]);
});
