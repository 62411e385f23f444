/** What the page of a recording shows while its file is made, and when that failed. */
import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import type { components } from "../../net/api.gen";
import { show } from "../desk/show";
import Recording, { type RecordingView } from "./recording";

const READ = "GET /api/recordings/r1";
const RETRY = "POST /api/recordings/r1/retry";

const job = (change: Partial<components["schemas"]["JobView"]>): components["schemas"]["JobView"] => ({
  id: "j1",
  kind: "finalise",
  status: "running",
  step: "compose",
  progress: 0,
  error: null,
  ...change,
});

const recording = (change: Partial<RecordingView>): RecordingView => ({
  id: "r1",
  appointment: { id: "a1", kind: "small_group", title: "견본 모임", starts_at: "2026-03-02T01:00:00Z" },
  status: "finalising",
  owner_kind: "case",
  started_at: "2026-03-02T01:00:00Z",
  ended_at: "2026-03-02T01:30:00Z",
  duration_s: null,
  size_bytes: null,
  failure: null,
  tracks: [],
  gaps: [],
  marks: [],
  delete_on: null,
  basis_key: "",
  purged_at: null,
  summary_id: null,
  summary_job: null,
  job: job({}),
  ...change,
});

const steps = () => screen.getAllByRole("listitem").map((step) => [step.textContent, step.getAttribute("aria-current")]);

test("the making of a file says its step, how much of it is done, and that one may leave", async () => {
  show(<Recording id="r1" />, (one) => one.on(READ, recording({ job: job({ progress: 0.42 }) })));
  const bar = await screen.findByRole("progressbar", { name: "영상 만들기" });
  expect(bar.getAttribute("aria-valuenow")).toBe("42");
  expect(within(bar).getByText("42%")).toBeTruthy();
  expect(steps()).toEqual([["영상 만들기", "step"], ["기록에 넣기", null]]);
  expect(screen.getByText(/이 화면을 닫아도 계속됩니다/)).toBeTruthy();
});

test("the last step leaves the first behind", async () => {
  show(<Recording id="r1" />, (one) => one.on(READ, recording({ job: job({ step: "attach", progress: 1 }) })));
  expect(await screen.findByRole("progressbar", { name: "기록에 넣기" })).toBeTruthy();
  expect(steps()).toEqual([["영상 만들기", null], ["기록에 넣기", "step"]]);
});

test("a file that nobody has begun to make stands at the first step and at nothing", async () => {
  show(<Recording id="r1" />, (one) => one.on(READ, recording({ job: null })));
  expect((await screen.findByRole("progressbar", { name: "영상 만들기" })).getAttribute("aria-valuenow")).toBe("0");
});

test("what failed says that nothing is lost, and one press makes it again", async () => {
  const { server, user } = show(
    <Recording id="r1" />,
    (one) => one.on(READ, recording({ status: "failed", job: job({ status: "failed", error: "fault" }) })).on(RETRY, null, 200),
  );
  expect(await screen.findByText("녹화된 내용은 그대로 보관되어 있습니다. 다시 시도할 수 있습니다.")).toBeTruthy();
  server.on(READ, recording({}));
  await user.click(screen.getByRole("button", { name: "다시 만들기" }));
  expect(await screen.findByRole("progressbar", { name: "영상 만들기" })).toBeTruthy();
  expect(server.bodies(RETRY).length).toBe(1);
});

test("a retry that is refused says why and may be tried again", async () => {
  const { user } = show(
    <Recording id="r1" />,
    (one) => one.on(READ, recording({ status: "failed" })).on(RETRY, { code: "recording_not_failed" }, 409),
  );
  await user.click(await screen.findByRole("button", { name: "다시 만들기" }));
  expect((await screen.findByRole("alert")).textContent).toContain("다시 만들 필요가 없는 녹화입니다");
  expect(screen.getByRole("button", { name: "다시 만들기" })).toBeTruthy();
});
