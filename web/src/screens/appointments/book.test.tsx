import { show } from "../desk/show";
import { beforeEach, expect, test } from "vitest";
import { screen } from "@testing-library/react";
import Book from "./book";
import type { AppointmentCard, SeatCard } from "./queries";

function seat(id: string, name: string, part: Partial<SeatCard> = {}): SeatCard {
  return {
    id, person_id: `p-${id}`, name, display_name: name, phone: "01012345678", role: "guest", staff: false, lang: "ko",
    presence: "invited", presence_at: null, first_present_at: null, device_check: null, has_link: false, ...part,
  };
}

const HOSTS = [seat("h1", "김견본", { staff: true, role: "host" }), seat("h2", "박견본", { staff: true, role: "co_host" })];
const GROUP: AppointmentCard = {
  id: "a1", kind: "small_group", title: "이력서 함께 쓰기", status: "no_show", starts_at: "2026-11-20T01:00:00Z",
  ends_at: "2026-11-20T02:30:00Z", opens_at: "2026-11-20T00:30:00Z", room: "1번 방", call_id: "c1", closed_at: "2026-11-20T02:30:00Z",
  recording_allowed: true, application_id: null, replaces_id: null, replaced_by_id: null, cancel_reason: null,
  agenda: [{ id: "g1", text: "인사", minutes: 10 }], notices: [], my_seat_id: "h1",
  seats: [...HOSTS, seat("s1", "송견본"), seat("s2", "임견본")],
};

beforeEach(() => history.replaceState(null, "", "/desk/book"));

test("a group is booked again as it was, with all its people", async () => {
  history.replaceState(null, "", "/desk/book?replaces=a1");
  const call = "POST /api/appointments";
  const { server, user } = show(<Book />, (one) =>
    one.on("GET /api/appointments/a1", GROUP).on("GET /api/seekers", []).on("GET /api/staff", []).on(call, { ...GROUP, id: "a2" }, 201),
  );
  const submit = await screen.findByRole("button", { name: "예약" });
  expect(screen.queryByRole("radio", { name: "취업상담 (1:1)" })).toBeNull();
  await user.click(submit);
  await expect.poll(() => server.bodies(call)).toHaveLength(1);
  expect(server.bodies(call)[0]).toMatchObject({
    kind: "small_group", seeker_ids: ["p-s1", "p-s2"], host_ids: ["p-h1", "p-h2"], title: "이력서 함께 쓰기", minutes: 90,
    recording: true, replaces_id: "a1", agenda: [{ text: "인사", minutes: 10 }],
  });
});

test("as many may be chosen as the server has places for, but for those of the hosts", async () => {
  const { user } = show(<Book />, (server) => server.on("GET /api/seekers", []).on("GET /api/staff", []));
  await user.click(await screen.findByRole("radio", { name: "소그룹 취업컨설팅" }));
  expect(screen.getByText("이름이나 전화번호로 찾아 19명까지 고를 수 있습니다.")).toBeTruthy();
});
