/** What a host is offered once a conversation is over. */
import { afterEach, expect, test } from "vitest";
import { screen } from "@testing-library/react";
import type { components } from "../../net/api.gen";
import type { AppointmentCard, SeatCard } from "../appointments/queries";
import Book from "../appointments/book";
import type { DeskServer } from "../desk/desk-server";
import { KIM, LEE, show } from "../desk/show";
import After from "./after";

const seat = (id: string, name: string, change: Partial<SeatCard> = {}): SeatCard => ({
  id: `seat-${id}`,
  person_id: id,
  name,
  display_name: name,
  phone: null,
  role: "guest",
  staff: false,
  lang: "ko",
  presence: "left",
  presence_at: null,
  first_present_at: null,
  device_check: null,
  has_link: true,
  ...change,
});

const card = (kind: AppointmentCard["kind"], change: Partial<AppointmentCard> = {}): AppointmentCard => ({
  id: "a1",
  kind,
  title: "견본 모임",
  status: "completed",
  starts_at: "2026-03-02T01:00:00Z",
  ends_at: "2026-03-02T02:30:00Z",
  opens_at: "2026-03-02T00:30:00Z",
  room: "1",
  call_id: "c1",
  closed_at: "2026-03-02T02:30:00Z",
  recording_allowed: false,
  application_id: null,
  replaces_id: null,
  replaced_by_id: null,
  cancel_reason: null,
  agenda: [],
  seats: [seat("s1", "강견본"), seat("s2", "문견본"), seat(KIM.id, KIM.name, { role: "host", staff: true })],
  notices: [],
  my_seat_id: null,
  ...change,
});

const AFTER: components["schemas"]["AfterCall"] = {
  appointment: { id: "a1", kind: "small_group", title: "견본 모임", starts_at: "2026-03-02T01:00:00Z" },
  closed_at: "2026-03-02T02:30:00Z",
  recording: null,
  summary: null,
  summary_job: null,
  notes: [],
  next_steps: [],
  attendance_confirmed: true,
  case_id: null,
  next_appointment: null,
};
const INTERVIEW = card("interview", { application_id: "p1", recording_allowed: true, seats: [seat("s1", "강견본"), seat(LEE.id, LEE.name, { role: "host", staff: true })] });

const ATTENDANCE: components["schemas"]["AttendanceView"] = {
  over: true,
  confirmed_at: null,
  people: [{ person_id: "s1", name: "강견본", proposed: "present", status: null, minutes: 50, joins: 1, joined_at: "2026-03-02T01:00:00Z", left_at: null, reason: "" }],
};

const over = (one: AppointmentCard) => (server: DeskServer) =>
  server.on("GET /api/appointments/a1", one).on("GET /api/appointments/a1/after", AFTER).on("GET /api/staff", []).on("GET /api/seekers", []);

afterEach(() => history.replaceState(null, "", "/"));

test.each([
  ["counselling", "다음 상담 예약하기", KIM],
  ["small_group", "다음 회기 예약하기", KIM],
  ["interview", "다음 면접 예약하기", LEE],
] as const)("after a conversation of kind %s the next one is offered", async (kind, name, me) => {
  show(<After id="a1" />, over(kind === "interview" ? INTERVIEW : card(kind)), me);
  expect((await screen.findByRole("link", { name })).getAttribute("href")).toBe("/desk/book?after=a1");
});

test("an interviewer who books nothing is not offered to", async () => {
  show(<After id="a1" />, over(INTERVIEW), INTERVIEWER);
  expect(await screen.findByText("적어 둔 다음 할 일이 없습니다.")).toBeTruthy();
  expect(screen.queryByRole("link", { name: "다음 면접 예약하기" })).toBeNull();
});

const STILL_OPEN: Partial<AppointmentCard> = { status: "in_progress", closed_at: null };
const INTERVIEWER = { ...LEE, role: "interviewer" } as const;
const ADMIN = { ...KIM, role: "admin" } as const;

test("an interviewer who leaves alone is not offered to end it, but to write the scorecard or go back", async () => {
  show(<After id="a1" />, over({ ...INTERVIEW, ...STILL_OPEN, my_seat_id: "s" }), INTERVIEWER);
  expect(await screen.findByText(/면접은 주 면접관이 끝냅니다/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "끝내기" })).toBeNull();
  expect(screen.getByRole("link", { name: "면접평가표 쓰기" }).getAttribute("href")).toBe("/desk/appointments/a1/scorecard");
  expect(screen.getByRole("link", { name: "다시 들어가기" })).toBeTruthy();
});

test("an administrator ends what is still open", async () => {
  const { server, user } = show(<After id="a1" />, (one) => over(card("counselling", STILL_OPEN))(one).on("POST /api/appointments/a1/close", card("counselling")), ADMIN);
  await user.click(await screen.findByRole("button", { name: "끝내기" }));
  await expect.poll(() => server.bodies("POST /api/appointments/a1/close").length).toBe(1);
});

test.each([card("counselling"), INTERVIEW])("an administrator is led to nothing of what was said, but to the next booking", async (one) => {
  const { server } = show(<After id="a1" />, (desk) => over(one)(desk).on("GET /api/appointments/a1/attendance", ATTENDANCE), ADMIN);
  expect(await screen.findByText(/담당자가 이어서 정리합니다/)).toBeTruthy();
  expect(await screen.findByText("출결은 담당자가 확인합니다.")).toBeTruthy();
  expect(screen.getByRole("link", { name: /다음 .* 예약하기/ }).getAttribute("href")).toBe("/desk/book?after=a1");
  expect(screen.queryAllByRole("button")).toEqual([]);
  expect(screen.queryByRole("link", { name: "면접평가표 쓰기" })).toBeNull();
  expect(server.bodies("GET /api/appointments/a1/after")).toEqual([]);
});

test("a lead who did not interview is not asked to judge", async () => {
  show(<After id="a1" />, over({ ...INTERVIEW, my_seat_id: null }), LEE);
  expect(await screen.findByText("적어 둔 다음 할 일이 없습니다.")).toBeTruthy();
  expect(screen.queryByRole("link", { name: "면접평가표 쓰기" })).toBeNull();
});

test("the next session of a group is booked with its people, its hosts, its title and its length", async () => {
  history.replaceState(null, "", "/desk/book?after=a1");
  const { server, user } = show(<Book />, (one) => over(card("small_group"))(one).on("POST /api/appointments", card("small_group", { id: "a2" }), 201), KIM);
  await user.click(await screen.findByRole("button", { name: "예약" }));
  await expect.poll(() => server.bodies("POST /api/appointments").length).toBe(1);
  expect(server.bodies("POST /api/appointments")[0]).toMatchObject({
    kind: "small_group",
    seeker_ids: ["s1", "s2"],
    host_ids: [KIM.id],
    title: "견본 모임",
    minutes: 90,
    recording: false,
  });
});

test("the next round of an interview serves the same application", async () => {
  history.replaceState(null, "", "/desk/book?after=a1");
  const { server, user } = show(<Book />, (one) => over(INTERVIEW)(one).on("POST /api/appointments", INTERVIEW, 201), LEE);
  expect(await screen.findByText("강견본")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "예약" }));
  await expect.poll(() => server.bodies("POST /api/appointments").length).toBe(1);
  expect(server.bodies("POST /api/appointments")[0]).toMatchObject({ kind: "interview", application_id: "p1", host_ids: [LEE.id], recording: true });
});
