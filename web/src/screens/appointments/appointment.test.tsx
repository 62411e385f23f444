/** What the page of an appointment offers to whom. */
import { expect, test } from "vitest";
import { screen } from "@testing-library/react";
import { LEE, show } from "../desk/show";
import Appointment from "./appointment";
import type { AppointmentCard } from "./queries";

const MISSED: AppointmentCard = {
  id: "a1", kind: "interview", title: "견본 면접", status: "no_show", starts_at: "2026-03-02T01:00:00Z", ends_at: "2026-03-02T01:30:00Z",
  opens_at: "2026-03-02T00:30:00Z", room: "1", call_id: "c1", closed_at: "2026-03-02T01:30:00Z", recording_allowed: false, application_id: "p1",
  replaces_id: null, replaced_by_id: null, cancel_reason: null, agenda: [], seats: [], notices: [], my_seat_id: null,
};

test.each([
  ["lead_interviewer", ["/desk/book?replaces=a1"]],
  ["interviewer", []],
] as const)("what was missed is booked again by whoever books: %s", async (role, offered) => {
  const server = (one: Parameters<Parameters<typeof show>[1]>[0]) => one.on("GET /api/appointments/a1", MISSED);
  show(<Appointment id="a1" />, server, { ...LEE, role });
  expect(await screen.findByText("불참으로 확인된 일정입니다.")).toBeTruthy();
  expect(screen.queryAllByRole("link", { name: "다시 예약하기" }).map((link) => link.getAttribute("href"))).toEqual(offered);
});

test("a page that cannot be opened says so in its heading", async () => {
  show(<Appointment id="a1" />, (one) => one.on("GET /api/appointments/a1", { code: "not_found" }, 404));
  expect((await screen.findByRole("heading", { level: 1 })).textContent).toBe("화면을 열지 못했습니다");
  expect(screen.getByRole("button", { name: "다시 시도" })).toBeTruthy();
});
