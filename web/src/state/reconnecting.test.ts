import { describe, expect, it } from "vitest";
import { Attempts, LONGEST_MS } from "./reconnecting";

const ANSWERED_AT_TCP_S_SECOND_QUESTION_MS = 1_000;

/** So many attempts in a row that all fail, from `sinceMs` on; when the last of them ended. */
function fail(attempts: Attempts, count: number, sinceMs = 0): number {
  let nowMs = sinceMs;
  for (let made = 0; made < count; made += 1) {
    nowMs += attempts.timeoutMs(nowMs);
    attempts.failed(nowMs);
  }
  return nowMs;
}

/** Known to need so long on a good line. */
function of(usualMs: number): Attempts {
  const attempts = new Attempts();
  attempts.succeeded(0, usualMs);
  return attempts;
}

/** Cut for so many seconds, back, well for ten seconds, and so on; how many failed each time. */
function cut(attempts: Attempts, times: number, seconds: number): number[] {
  let nowMs = 0;
  return Array.from({ length: times }, () => {
    const untilMs = nowMs + 1_000 * seconds;
    let failed = 0;
    for (; nowMs < untilMs; failed += 1) nowMs = fail(attempts, 1, nowMs);
    attempts.succeeded(nowMs, 1_150);
    nowMs += 10_000;
    return failed;
  });
}

describe("attempts to reach the server", () => {
  it("outlast TCP's second question by what a quick line needs, and end soon after", () => {
    const ms = of(150).timeoutMs(0);
    expect(ms).toBeGreaterThan(ANSWERED_AT_TCP_S_SECOND_QUESTION_MS + 3 * 150);
    expect(ms).toBeLessThan(2_000);
  });

  it("leave a slow line its time", () => {
    expect(of(600).timeoutMs(0)).toBeGreaterThan(ANSWERED_AT_TCP_S_SECOND_QUESTION_MS + 2 * 600);
    expect(of(5_000).timeoutMs(0)).toBeGreaterThanOrEqual(LONGEST_MS);
  });

  it("are long now and then, for a line that has become slow meanwhile", () => {
    const attempts = of(150);
    fail(attempts, 7);
    expect(attempts.timeoutMs(20_000)).toBeGreaterThanOrEqual(LONGEST_MS);
  });

  it("are long as long as nothing is known of the line", () => {
    expect(new Attempts().timeoutMs(0)).toBeGreaterThanOrEqual(LONGEST_MS);
  });

  it("stay short after fifty cuts of 20 s", () => {
    const attempts = of(150);
    const failed = cut(attempts, 50, 20);
    expect(Math.max(...failed)).toBeLessThan(12);
    expect(Math.min(...failed)).toBeGreaterThan(8);
  });

  it("are given the five seconds that Chromium may hold them back once many have failed", () => {
    const attempts = of(150);
    const nowMs = fail(attempts, 40);
    expect(attempts.timeoutMs(nowMs)).toBeGreaterThan(5_000 + ANSWERED_AT_TCP_S_SECOND_QUESTION_MS);
  });

  it("are short again when Chromium has forgotten", () => {
    const attempts = of(150);
    const nowMs = fail(attempts, 40);
    attempts.succeeded(nowMs, 150);
    expect(attempts.timeoutMs(nowMs + 361_000)).toBeLessThan(2_000);
  });
});
