/** A countdown notices what becomes of its appointment. */
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useVisit } from "./use-visit";

const early = {
  state: "early",
  now: "2026-11-23T01:00:00Z",
  appointment: { id: "a1", opens_at: "2026-11-23T05:00:00Z", organisation: "한빛고용센터", phone: "02-0000-0000" },
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

test("an appointment that is cancelled while somebody looks at its countdown is told within a minute", async () => {
  sessionStorage.setItem("ieum.visit", JSON.stringify({ secret: "s", token: "v" }));
  const answers = [early, { ...early, state: "cancelled" }];
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(answers.shift()), { headers: { "Content-Type": "application/json" } }));
  const { result } = renderHook(() => useVisit("s"));
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(result.current.opening).toMatchObject({ visit: { page: { state: "early" } } });
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(result.current.opening).toMatchObject({ visit: { page: { state: "cancelled" } } });
});
