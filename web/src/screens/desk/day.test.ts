import { expect, test } from "vitest";
import { pictureOfDay, type DayEntry } from "./day";

const NOW = Date.parse("2026-03-02T05:20:00Z");

function entry(id: string, room: string | null, from: string, to: string): DayEntry {
  return { id, room, starts_at: `2026-03-02T${from}:00Z`, ends_at: `2026-03-02T${to}:00Z` };
}

test("an empty day still shows some hours around now", () => {
  const day = pictureOfDay([], NOW);
  expect(day.ticks).toHaveLength(4);
  expect(day.lanes).toEqual([]);
  expect(day.now).toBeCloseTo(20 / 180);
});

test("the axis begins and ends at whole hours around the first and the last appointment", () => {
  const day = pictureOfDay([entry("a", "1", "02:30", "03:00"), entry("b", "1", "06:10", "07:05")], NOW);
  expect(day.ticks.map((tick) => new Date(tick.atMs).toISOString().slice(11, 16))).toEqual([
    "02:00", "03:00", "04:00", "05:00", "06:00", "07:00", "08:00",
  ]);
});

test("each room is one lane with its appointments in order", () => {
  const day = pictureOfDay(
    [entry("late", "2호실", "07:00", "08:00"), entry("other", "1호실", "05:00", "06:00"), entry("early", "2호실", "05:00", "05:30")],
    NOW,
  );
  expect(day.lanes.map((lane) => [lane.room, lane.blocks.map((block) => block.entry.id)])).toEqual([
    ["1호실", ["other"]],
    ["2호실", ["early", "late"]],
  ]);
});

test("a block's width is its length on the axis", () => {
  const day = pictureOfDay([entry("a", "1", "05:00", "05:30"), entry("b", "1", "07:00", "08:00")], NOW);
  const [first, second] = day.lanes[0]?.blocks ?? [];
  expect(first?.start).toBe(0);
  expect(first?.width).toBeCloseTo(1 / 6);
  expect((second?.start ?? 0) + (second?.width ?? 0)).toBeCloseTo(1);
});
