import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import type { AppointmentCard, SeatCard } from "../appointments/queries";
import { LEE, show } from "./show";
import { Today } from "./today";

const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();

function seat(id: string, name: string, part: Partial<SeatCard> = {}): SeatCard {
  return {
    id, person_id: `p-${id}`, name, display_name: name, phone: "01012345678", role: "guest", staff: false, lang: "ko",
    presence: "invited", presence_at: null, first_present_at: null, device_check: null, has_link: false, ...part,
  };
}

function card(id: string, guest: SeatCard, part: Partial<AppointmentCard> = {}): AppointmentCard {
  return {
    id, kind: "counselling", title: "", status: "open", starts_at: minutes(5), ends_at: minutes(55), opens_at: minutes(-25), room: "1번 방",
    call_id: `c-${id}`, closed_at: null, recording_allowed: false, application_id: null, replaces_id: null, replaced_by_id: null,
    cancel_reason: null, agenda: [], notices: [], my_seat_id: "mine", seats: [guest], ...part,
  };
}

const WAITS = card("a1", seat("s1", "송견본", { presence: "waiting" }));
const MISSING = card("a2", seat("s2", "임견본"), { starts_at: minutes(-15), ends_at: minutes(35) });
const DESK = {
  now: minutes(0),
  zone: "Asia/Seoul",
  waiting: [{ appointment_id: "a1", seat_id: "s1", name: "송견본", since: minutes(-2) }],
  soon: ["a1"],
  possible_no_shows: [{ appointment_id: "a2", who: "guest", names: ["임견본"] }],
  unapproved: [{ id: "y1", appointment_id: "a3", title: "", name: "윤견본", starts_at: minutes(-90), status: "drafted", drafted_at: minutes(-1) }],
  unsigned_notes: [],
  scorecards_due: [],
  today: [MISSING, WAITS],
};

test("the first line says who waits, what starts soon and what is not approved", async () => {
  show(<Today />, (server) => server.on("GET /api/desk", DESK));
  expect((await screen.findByRole("heading", { level: 1 })).textContent).toBe("대기 1 · 곧 시작 1 · 미승인 요약 1");
});

test("a waiting person is one press from the room", async () => {
  show(<Today />, (server) => server.on("GET /api/desk", DESK));
  const enter = await screen.findByRole<HTMLAnchorElement>("link", { name: "송견본 들어가기" });
  expect(new URL(enter.href).pathname).toBe("/room/a1");
});

test("a possible no-show becomes one only when a person says so", async () => {
  const call = "POST /api/appointments/a2/no-show";
  const { server, user } = show(<Today />, (one) => one.on("GET /api/desk", DESK).on(call, { ...MISSING, status: "no_show" }));
  expect(await screen.findByText("임견본 님이 오지 않은 것 같습니다")).toBeTruthy();
  expect(server.bodies(call)).toEqual([]);
  await user.click(screen.getByRole("button", { name: "불참 확인" }));
  await expect.poll(() => server.bodies(call)).toEqual([{ who: "guest", confirmed: true }]);
});

test("a summary to approve is named by its person", async () => {
  show(<Today />, (server) => server.on("GET /api/desk", DESK));
  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: "윤견본 검토하기" });
  expect(new URL(link.href).pathname).toBe("/desk/summaries/y1");
});

test("the day as a list says the same as the picture, in order of time", async () => {
  show(<Today />, (server) => server.on("GET /api/desk", DESK));
  const schedule = await screen.findByRole("heading", { name: "오늘의 일정" });
  const rows = within(schedule.closest("section") ?? document.body).getAllByRole("link");
  expect(rows.slice(-2).map((row) => row.textContent)).toEqual(["임견본", "송견본"]);
});

const INTERVIEWER = { ...LEE, role: "interviewer" } as const;

test.each([
  [LEE, 2],
  [INTERVIEWER, 0],
])("on an empty day booking is offered to whoever books: $role", async (me, offered) => {
  show(<Today />, (server) => server.on("GET /api/desk", { ...DESK, today: [], soon: [], waiting: [], possible_no_shows: [] }), me);
  expect(await screen.findByText("오늘은 일정이 없습니다.")).toBeTruthy();
  expect(screen.queryAllByRole("link", { name: "예약하기" }).length).toBe(offered);
});

test("an interviewer, who does not confirm a no-show, reads who does", async () => {
  show(<Today />, (server) => server.on("GET /api/desk", DESK), INTERVIEWER);
  expect(await screen.findByText("임견본 님이 오지 않은 것 같습니다")).toBeTruthy();
  expect(screen.getByText("불참인지는 주 면접관이 확인합니다.")).toBeTruthy();
  for (const name of ["불참 확인", "불참 아님"]) expect(screen.queryByRole("button", { name })).toBeNull();
});
