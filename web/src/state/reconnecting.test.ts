import { describe, expect, it } from "vitest";
import { attemptTimeoutMs, LONGEST_MS } from "./reconnecting";

const upTo = (attempts: number, usualMs: number | null) =>
  Array.from({ length: attempts }, (_, index) => attemptTimeoutMs(index + 1, usualMs));

describe("attempts to reach the server", () => {
  it("are short on a line that was quick, so that one begins soon after it is back", () => {
    expect(upTo(5, 150).every((ms) => ms <= 800)).toBe(true);
  });

  it("leave a slow line its time", () => {
    expect(upTo(20, 900).every((ms) => ms >= 2_700)).toBe(true);
    expect(upTo(20, 5_000).every((ms) => ms === LONGEST_MS)).toBe(true);
  });

  it("are long now and then, for a line that has become slow meanwhile", () => {
    expect(upTo(10, 150)).toContain(LONGEST_MS);
  });

  it("are long as long as nothing is known of the line", () => {
    expect(upTo(5, null)).toEqual(Array.from({ length: 5 }, () => LONGEST_MS));
  });
});
