import { expect, test } from "vitest";
import { screen } from "@testing-library/react";
import { KIM, show } from "../desk/show";
import { AttendanceList } from "./attendance-list";

const CALL = "PUT /api/appointments/a1/attendance";

const attendee = (id: string, name: string, proposed: "present" | "late") => ({
  person_id: id,
  name,
  proposed,
  status: null,
  minutes: 50,
  joins: 1,
  joined_at: "2026-03-02T01:00:00Z",
  left_at: "2026-03-02T01:50:00Z",
  reason: "",
});
const ATTENDANCE = { over: true, confirmed_at: null, people: [attendee("p1", "한견본", "present"), attendee("p2", "문견본", "late")] };

test("everybody is confirmed as proposed with one press", async () => {
  const { server, user } = show(<AttendanceList appointmentId="a1" attendance={ATTENDANCE} />, (one) => one.on(CALL, ATTENDANCE));
  await user.click(await screen.findByRole("button", { name: "출결 확인" }));
  await expect.poll(() => server.bodies(CALL)).toEqual([{ exceptions: [] }]);
});

test("an exception needs a reason, and only the exception is sent", async () => {
  const { server, user } = show(<AttendanceList appointmentId="a1" attendance={ATTENDANCE} />, (one) => one.on(CALL, ATTENDANCE));
  await user.selectOptions(await screen.findByRole("combobox", { name: "문견본 님 출결" }), "기술 문제 (인정)");
  const confirm = screen.getByRole<HTMLButtonElement>("button", { name: "출결 확인" });
  expect(confirm.disabled).toBe(true);
  await user.type(screen.getByLabelText(/문견본 님 출결을 바꾼 사유/), "연결 끊김");
  await user.click(confirm);
  await expect.poll(() => server.bodies(CALL)).toEqual([
    { exceptions: [{ person_id: "p2", status: "technical_excused", reason: "연결 끊김" }] },
  ]);
});

test("while the session goes on nothing is proposed", async () => {
  show(<AttendanceList appointmentId="a1" attendance={{ ...ATTENDANCE, over: false }} />, () => undefined);
  expect(await screen.findByText("끝난 뒤에 확인할 수 있습니다.")).toBeTruthy();
  expect(screen.queryByText("한견본")).toBeNull();
});

test("an administrator reads what stands: the proposal, or what was confirmed and why", async () => {
  const people = [attendee("p1", "한견본", "present"), { ...attendee("p2", "문견본", "late"), status: "technical_excused" as const, reason: "연결 끊김" }];
  show(<AttendanceList appointmentId="a1" attendance={{ over: true, confirmed_at: "2026-03-02T03:00:00Z", people }} />, () => undefined, { ...KIM, role: "admin" });
  expect(await screen.findByText("기술 문제 (인정)")).toBeTruthy();
  expect(screen.getByText("연결 끊김")).toBeTruthy();
  expect(screen.getByText(/에 확인했습니다/)).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.queryByRole("combobox")).toBeNull();
});
