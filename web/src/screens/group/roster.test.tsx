/** What the roster offers to whom. */
import { expect, test } from "vitest";
import { screen } from "@testing-library/react";
import { KIM, show } from "../desk/show";
import Roster from "./roster";

const ROSTER = {
  appointment: { id: "a1", kind: "small_group", title: "견본 모임", starts_at: "2026-03-02T01:00:00Z" },
  people: [{ person_id: "s1", name: "강견본", display_name: "강견본", presence: "left" }],
};

test.each([
  ["counsellor", 1],
  ["admin", 0],
] as const)("a note is opened by whoever writes notes: %s", async (role, offered) => {
  const paths = { "GET /api/appointments/a1/roster": ROSTER, "GET /api/appointments/a1/attendance": { over: false, confirmed_at: null, people: [] } };
  show(<Roster id="a1" />, (server) => Object.entries(paths).forEach(([call, body]) => server.on(call, body)), { ...KIM, role });
  expect(await screen.findByText("강견본")).toBeTruthy();
  expect(screen.queryAllByRole("button", { name: "강견본 님 상담일지 열기" }).length).toBe(offered);
});
