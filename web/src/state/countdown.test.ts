import { expect, test } from "vitest";
import { clockFace, timeLeft } from "./countdown";

test("time left is split into what people say", () => {
  expect(timeLeft(0, 90_061_000)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
});

test("time that has passed leaves nothing", () => {
  expect(timeLeft(10, 5)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
});

test.each([[0, "00:00"], [65, "01:05"], [3_725, "1:02:05"]])("%d s reads %s", (seconds, face) => {
  expect(clockFace(seconds)).toBe(face);
});
