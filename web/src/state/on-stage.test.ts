import { expect, test } from "vitest";
import type { State } from "../net/messages.gen";
import { sampleSeat, sampleState } from "./call.sample";
import { onStage, withPin } from "./on-stage";

const everybody = ["host", ...Array.from({ length: 11 }, (_, place) => `g${String(place)}`)];

function crowd(change: Partial<State> = {}): State {
  const seats = everybody.map((seat) => sampleSeat({ seat, name: seat }));
  return sampleState({ seats, stage: { narrow: everybody.slice(0, 4), wide: everybody.slice(0, 9) }, ...change });
}

const names = (state: State, narrow: boolean, pins: string[] = []) => onStage(state, narrow, pins).shown.map(({ seat }) => seat);

test("the places are the server's, oneself comes last, the others are heard only", () => {
  expect(names(crowd(), false)).toEqual([...everybody.slice(1, 9), "host"]);
  expect(names(crowd(), true)).toEqual(["g0", "g1", "g2", "host"]);
  expect(onStage(crowd(), false, []).rest.map(({ seat }) => seat)).toEqual(["g8", "g9", "g10"]);
});

test("a pinned person comes first and takes the place of another, never one more", () => {
  expect(names(crowd(), true, ["g9", "g1"])).toEqual(["g9", "g1", "g0", "host"]);
});

test("more pins than places are all shown, for somebody asked for them", () => {
  expect(names(crowd(), true, ["g5", "g6", "g7", "g8"])).toEqual(["g5", "g6", "g7", "g8", "host"]);
});

test("who interprets comes before those who only speak", () => {
  const state = crowd();
  state.seats = state.seats.map((seat) => (seat.seat === "g2" ? { ...seat, interprets: true } : seat));
  expect(names(state, true)).toEqual(["g2", "g0", "g1", "host"]);
});

test("who has left is neither shown nor among the rest, however pinned", () => {
  const state = crowd();
  state.seats = state.seats.map((seat) => (seat.seat === "g0" ? { ...seat, presence: "left" as const } : seat));
  const { shown, rest } = onStage(state, false, ["g0"]);
  expect([...shown, ...rest].map(({ seat }) => seat)).not.toContain("g0");
});

test("a press pins, another lets go, and the oldest of many pins makes room", () => {
  expect(withPin(["a"], "b")).toEqual(["a", "b"]);
  expect(withPin(["a", "b"], "a")).toEqual(["b"]);
  expect(withPin(["a", "b", "c", "d"], "e")).toEqual(["b", "c", "d", "e"]);
});

test("who leads gives no place to oneself, and moves for nobody", () => {
  const state = crowd({ stage: { narrow: ["g0", "g1", "g2", "g3"], wide: everybody.slice(0, 9) } });
  state.seats = state.seats.map((seat) => (seat.seat === "g3" ? { ...seat, role: "co_host" as const } : seat));
  expect(names(state, true)).toEqual(["g0", "g1", "g3", "host"]);
});
