import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import { LEE, show } from "../desk/show";
import Scorecard from "./scorecard";

const MINE = "GET /api/appointments/a1/scorecard";
const OTHERS = "GET /api/appointments/a1/scorecards";
const CARD = {
  appointment: { id: "a1", kind: "interview", title: "견본 면접", starts_at: "2026-03-02T01:00:00Z" },
  candidate: { id: "s1", name: "한견본" },
  application_id: "p1",
  kit: { questions: [], attributes: [{ id: "q", name: "직무 이해", anchors: { "1": "거의 모름", "3": "기본", "5": "사례로 설명" } }] },
  ratings: {},
  recommendation: null,
  comment: "",
  status: "draft",
  submitted_at: null,
  decision: null,
};
const SUBMITTED = { ...CARD, ratings: { q: 5 }, recommendation: "yes", status: "submitted", submitted_at: "2026-03-02T02:00:00Z" };
const DECIDED = { decision: "on_hold", decided_by: { id: "l", name: "오견본" }, decided_at: "2026-03-03T01:30:00Z", reason: "서류를 더 본 뒤에" };
const DECIDE = "POST /api/applications/p1/decision";

test("a decision that stands is shown with who made it, when and why, and is changed only on purpose", async () => {
  const { server, user } = show(<Scorecard id="a1" />, (one) => one.on(MINE, { ...SUBMITTED, decision: DECIDED }).on(OTHERS, []).on(DECIDE, {}), LEE);
  expect(await screen.findByText(/3월 3일.*오견본 님이 정했습니다/)).toBeTruthy();
  expect(screen.getByText("보류")).toBeTruthy();
  expect(screen.getByText("사유: 서류를 더 본 뒤에")).toBeTruthy();
  expect(screen.queryByRole("radiogroup", { name: "결과" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "결과 바꾸기" }));
  await user.click(within(screen.getByRole("radiogroup", { name: /^결과/ })).getByRole("radio", { name: "합격" }));
  await user.type(screen.getByRole("textbox", { name: /사유/ }), "서류 확인");
  await user.click(screen.getByRole("button", { name: "결정" }));
  await expect.poll(() => server.bodies(DECIDE)).toEqual([{ decision: "passed", reason: "서류 확인" }]);
});

test("an interviewer who does not decide sees the decision and no way to change it", async () => {
  show(<Scorecard id="a1" />, (one) => one.on(MINE, { ...SUBMITTED, decision: DECIDED }).on(OTHERS, []), { ...LEE, role: "interviewer" });
  expect(await screen.findByText(/오견본 님이 정했습니다/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "결과 바꾸기" })).toBeNull();
});

test("the others' cards are neither shown nor asked for before one's own is submitted", async () => {
  const { server } = show(<Scorecard id="a1" />, (one) => one.on(MINE, CARD), LEE);
  expect(await screen.findByText("내 평가표를 제출하면 볼 수 있습니다.")).toBeTruthy();
  expect(server.bodies(OTHERS)).toEqual([]);
});

test("nothing is decided before one's own card is submitted", async () => {
  show(<Scorecard id="a1" />, (one) => one.on(MINE, CARD), LEE);
  expect(await screen.findByText("내 평가표를 제출하면 결과를 정할 수 있습니다.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "결정" })).toBeNull();
});

test("a card is submitted when everything is chosen, after it has been saved and confirmed", async () => {
  const { server, user } = show(
    <Scorecard id="a1" />,
    (one) => one.on(MINE, CARD).on("PUT /api/appointments/a1/scorecard", CARD).on("POST /api/appointments/a1/scorecard/submit", CARD).on(OTHERS, []),
    LEE,
  );
  const submit = await screen.findByRole<HTMLButtonElement>("button", { name: "제출" });
  expect(submit.disabled).toBe(true);
  await user.click(within(screen.getByRole("radiogroup", { name: "직무 이해" })).getByRole("radio", { name: /5점/ }));
  await user.click(screen.getByRole("radio", { name: "추천" }));
  await user.click(submit);
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "제출" }));
  await expect.poll(() => server.bodies("POST /api/appointments/a1/scorecard/submit").length).toBe(1);
  expect(server.bodies("PUT /api/appointments/a1/scorecard").at(-1)).toEqual({ ratings: { q: 5 }, recommendation: "yes", comment: "" });
});
