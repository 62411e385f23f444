/** After the conversation: what was kept, and the next date, also one that is booked only then. */
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AfterAnswer, Visit } from "../../net/visit";
import { OverPage } from "./over-page";

let after: AfterAnswer;

beforeEach(() => {
  vi.useFakeTimers();
  after = { recorded: false, kept: [], next_starts_at: null };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(after), { headers: { "Content-Type": "application/json" } }));
});
afterEach(() => void vi.useRealTimers());

const visit = {
  token: "v",
  page: { state: "ended", appointment: { kind: "counselling", organisation: "한빛고용센터", phone: "02-0000-0000", zone: "Asia/Seoul" } },
} as Visit;

test("the next date appears on a page that stays open when it is booked", async () => {
  render(<OverPage visit={visit} over={null} />);
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(screen.getByText("목소리와 모습은 녹화되지 않았습니다.")).toBeTruthy();
  expect(screen.queryByText(/12월 3일/)).toBeNull();
  after = { ...after, next_starts_at: "2026-12-03T01:00:00Z" };
  await act(() => vi.advanceTimersByTimeAsync(61_000));
  expect(screen.getByText(/12월 3일/)).toBeTruthy();
});
