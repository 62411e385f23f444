import { describe, expect, test } from "vitest";
import { startWatch, watch, type PathSample, type Watch, type WatchAction } from "./watchdog";

const HEARD = { packets: 5, signs: 5, responses: 0, due: false, listening: false };

/** Feeds samples every 200 ms and tells when the watch asked for something. */
function run(samples: (ms: number) => Partial<PathSample>, untilMs: number, everyMs = 200): [number, WatchAction][] {
  let state: Watch = startWatch(0);
  const asked: [number, WatchAction][] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += everyMs) {
    const step = watch(state, { nowMs, ...HEARD, ...samples(nowMs) });
    state = step.watch;
    if (step.action !== "none") asked.push([nowMs, step.action]);
  }
  return asked;
}

describe("where pictures are due", () => {
  test("a flowing path is left alone", () => {
    expect(run((ms) => ({ packets: ms, signs: ms, due: true }), 20_000)).toEqual([]);
  });

  test("a dead path makes the socket prove itself, is restarted after 1 s and rebuilt 2 s later", () => {
    expect(run(() => ({ due: true }), 4_000)).toEqual([[400, "prove"], [1_000, "restart"], [3_000, "rebuild"]]);
  });

  test("a short hole makes the socket prove itself once, and no more", () => {
    expect(run((ms) => ({ packets: ms > 1_000 && ms < 1_700 ? 1_000 : ms, due: true }), 4_000)).toEqual([[1_400, "prove"]]);
  });

  test("a silent sender behind a living path costs one restart and no rebuild", () => {
    expect(run((ms) => ({ responses: ms > 1_000 ? 1 : 0, due: true }), 9_000)).toEqual([[400, "prove"], [1_000, "restart"]]);
  });

  test("a path that comes back is watched afresh", () => {
    const asked = run((ms) => ({ packets: ms < 2_500 ? 5 : Math.min(ms, 6_000), due: true }), 8_000);
    expect(asked).toEqual([[400, "prove"], [1_000, "restart"], [6_400, "prove"], [7_000, "restart"]]);
  });
});

describe("where no picture is due", () => {
  /** The server's reports, one in a second, until they end. */
  const reports = (ms: number, untilMs: number) => Math.floor(Math.min(ms, untilMs) / 1_000);

  test("silence from the beginning is no fault", () => {
    expect(run(() => ({ listening: true }), 20_000)).toEqual([]);
  });

  test("reports alone keep a path from suspicion", () => {
    expect(run((ms) => ({ signs: reports(ms, 60_000), listening: true }), 60_000)).toEqual([]);
  });

  test("when signs end that came steadily, the socket proves itself after 1.5 s, and the path is restarted after 3 s and rebuilt 2 s later", () => {
    const asked = run((ms) => ({ signs: reports(ms, 10_000), listening: true }), 16_000);
    expect(asked).toEqual([[11_600, "prove"], [13_000, "restart"], [15_000, "rebuild"]]);
  });

  test("signs that a browser shows seldom, as its own checks every five seconds, are not waited for", () => {
    expect(run((ms) => ({ signs: Math.floor(Math.min(ms, 30_000) / 5_000), listening: true }), 60_000)).toEqual([]);
  });

  test("a lost report, or two, is no fault", () => {
    expect(run((ms) => ({ signs: reports(ms, ms > 12_900 ? 60_000 : 10_000), listening: true }), 20_000).map(([, action]) => action)).toEqual(["prove"]);
  });

  test("nothing is waited for once nobody is there any more", () => {
    expect(run((ms) => ({ signs: reports(ms, 10_000), listening: ms < 10_500 }), 30_000)).toEqual([]);
  });

  test("checks that are answered after a restart are the path's life", () => {
    const asked = run((ms) => ({ signs: reports(ms, 10_000) + (ms > 13_000 ? 1 : 0), listening: true }), 40_000);
    expect(asked).toEqual([[11_600, "prove"], [13_000, "restart"]]);
  });

  test("fewer are counted after the browser has dropped a path that it no longer uses: that is change, and so life", () => {
    const asked = run((ms) => ({ signs: ms < 10_000 ? 100 + reports(ms, 60_000) : reports(ms, 60_000), listening: true }), 30_000);
    expect(asked).toEqual([]);
  });
});

test("a hidden page that looks once in a second sees a dead path as well", () => {
  const asked = run((ms) => ({ signs: Math.min(ms, 10_000), listening: true }), 18_000, 1_000);
  expect(asked).toEqual([[12_000, "prove"], [14_000, "restart"], [17_000, "rebuild"]]);
});

test("time in which a busy or sleeping device did not look is no silence", () => {
  let state = startWatch(0);
  const at = (nowMs: number, count: number) => {
    const step = watch(state, { nowMs, packets: count, signs: count, responses: 0, due: true, listening: true });
    state = step.watch;
    return step.action;
  };
  for (let ms = 0; ms <= 5_000; ms += 200) expect(at(ms, ms)).toBe("none");
  expect(at(65_000, 5_000)).not.toBe("restart");
  expect(at(65_200, 65_200)).toBe("none");
});
