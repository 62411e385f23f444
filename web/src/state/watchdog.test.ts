import { expect, test } from "vitest";
import { startWatch, watch, type PathSample, type Watch, type WatchAction } from "./watchdog";

/** Feeds samples every 200 ms and tells when the watch asked for something. */
function run(samples: (ms: number) => Omit<PathSample, "nowMs">, untilMs: number): [number, WatchAction][] {
  let state: Watch = startWatch(0);
  const asked: [number, WatchAction][] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 200) {
    const step = watch(state, { nowMs, ...samples(nowMs) });
    state = step.watch;
    if (step.action !== "none") asked.push([nowMs, step.action]);
  }
  return asked;
}

test("a flowing path is left alone", () => {
  expect(run((ms) => ({ packets: ms, responses: 0, due: true }), 20_000)).toEqual([]);
});

test("silence where nothing is due is not a fault", () => {
  expect(run(() => ({ packets: 5, responses: 0, due: false }), 20_000)).toEqual([]);
});

test("a dead path makes the socket prove itself, is restarted after 1 s and rebuilt 2 s later", () => {
  expect(run(() => ({ packets: 5, responses: 0, due: true }), 4_000)).toEqual([[400, "prove"], [1_000, "restart"], [3_000, "rebuild"]]);
});

test("a short hole makes the socket prove itself once, and no more", () => {
  expect(run((ms) => ({ packets: ms > 1_000 && ms < 1_700 ? 1_000 : ms, responses: 0, due: true }), 4_000)).toEqual([[1_400, "prove"]]);
});

test("a silent sender behind a living path costs one restart and no rebuild", () => {
  expect(run((ms) => ({ packets: 5, responses: ms > 1_000 ? 1 : 0, due: true }), 9_000)).toEqual([[400, "prove"], [1_000, "restart"]]);
});

test("a path that comes back is watched afresh", () => {
  const asked = run((ms) => ({ packets: ms < 2_500 ? 5 : Math.min(ms, 6_000), responses: 0, due: true }), 8_000);
  expect(asked).toEqual([[400, "prove"], [1_000, "restart"], [6_400, "prove"], [7_000, "restart"]]);
});
