import { expect, test } from "vitest";
import { clockOf, minutesUntil, momentsIn } from "./moments";

test("times are read in the centre's zone, whatever the browser's own", () => {
  const moments = momentsIn("ko", "Asia/Seoul");
  expect(moments.time("2026-03-02T15:05:00Z")).toBe("00:05");
  expect(moments.day("2026-03-02T15:05:00Z")).toContain("3월 3일");
  expect(moments.isoDay("2026-03-02T15:05:00Z")).toBe("2026-03-03");
});

test("English days are in British order", () => {
  expect(momentsIn("en", "Asia/Seoul").fullDay("2026-03-02T01:00:00Z")).toMatch(/Monday,? 2 March 2026/);
});

test("a place in a recording reads as a clock", () => {
  expect([clockOf(5), clockOf(125.9), clockOf(3725)]).toEqual(["0:05", "2:05", "1:02:05"]);
});

test("minutes until a moment are negative once it has passed", () => {
  const now = Date.parse("2026-03-02T05:00:00Z");
  expect(minutesUntil("2026-03-02T05:10:00Z", now)).toBe(10);
  expect(minutesUntil("2026-03-02T04:55:00Z", now)).toBe(-5);
});
