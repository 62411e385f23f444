import { expect, test } from "vitest";
import { screen } from "@testing-library/react";
import { Made } from "../appointments/records";
import { show } from "../desk/show";
import Recording from "../recording/recording";

const APPOINTMENT = { id: "a1", kind: "counselling", title: "견본 상담", starts_at: "2026-03-02T01:00:00Z" };
const job = (status: string) => ({ id: "j1", kind: "draft_summary", status, step: "summarise", progress: 0, error: null });
const RECORDING = {
  id: "r1",
  appointment: APPOINTMENT,
  status: "available",
  owner_kind: "case",
  started_at: "2026-03-02T01:00:00Z",
  ended_at: "2026-03-02T01:50:00Z",
  duration_s: 60,
  size_bytes: 1,
  failure: null,
  tracks: [],
  gaps: [],
  marks: [],
  delete_on: "2026-06-02",
  basis_key: "counselling",
  purged_at: null,
  summary_id: null,
  summary_job: job("failed"),
  job: { ...job("done"), kind: "process_recording" },
};
const AFTER = {
  appointment: APPOINTMENT,
  closed_at: "2026-03-02T01:50:00Z",
  recording: { id: "r1", status: "available" },
  summary: null,
  summary_job: job("failed"),
  notes: [],
  next_steps: [],
  attendance_confirmed: false,
  case_id: null,
  next_appointment: null,
};
const RETRY = "POST /api/appointments/a1/summary/retry";

test("a recording is ready to be played although its summary failed, and only the summary is tried again", async () => {
  const { server, user } = show(<Recording id="r1" />, (one) =>
    one.on("GET /api/recordings/r1", RECORDING).onAsk(RETRY, () => {
      one.on("GET /api/recordings/r1", { ...RECORDING, summary_job: job("queued") });
      return { body: job("queued") };
    }),
  );
  await screen.findByText("요약을 만들지 못했습니다.");
  expect(screen.getByRole("button", { name: "녹화 재생" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "다시 만들기" }));
  expect(await screen.findByText("요약 초안을 쓰고 있습니다.")).toBeTruthy();
  expect(server.bodies("POST /api/recordings/r1/retry")).toEqual([]);
});

test("after the conversation the recording stands there as ready beside a summary that failed", async () => {
  const { user } = show(<Made id="a1" />, (one) =>
    one.on("GET /api/appointments/a1/after", AFTER).onAsk(RETRY, () => {
      one.on("GET /api/appointments/a1/after", { ...AFTER, summary: { id: "y1", status: "drafted" }, summary_job: job("done") });
      return { body: job("queued") };
    }),
  );
  await screen.findByText("재생 가능");
  await user.click(screen.getByRole("button", { name: "다시 만들기" }));
  expect(await screen.findByText("초안")).toBeTruthy();
});

test("a draft that is done with nothing to tell is not waited for", async () => {
  show(<Made id="a1" />, (one) => one.on("GET /api/appointments/a1/after", { ...AFTER, recording: null, summary_job: job("done") }));
  expect(await screen.findByText("녹화나 요약이 없습니다.")).toBeTruthy();
});
