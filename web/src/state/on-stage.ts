/** Whose faces a screen shows when there is no room for all. The server says who, the same to everybody; pins are one's own. */
import type { SeatView, State } from "../net/messages.gen";
import { present } from "./call";

/** As many as a telephone shows beside one's own face. */
export const MOST_PINS = 4;
const LEADS: ReadonlySet<SeatView["role"] | undefined> = new Set(["host", "co_host"]);

export interface OnStage {
  /** In the order they are shown: pinned, who interprets, the others in their places, oneself last. */
  shown: SeatView[];
  /** Who is in the room and heard, but not seen just now. */
  rest: SeatView[];
}

/** `pins`: seats, the first pinned first. Pins take the places of others, so that there are never more faces than places. */
export function onStage(state: State, narrow: boolean, pins: readonly string[]): OnStage {
  const seats = new Map(present(state).map((seat) => [seat.seat, seat]));
  const stage = narrow ? state.stage.narrow : state.stage.wide;
  const places = stage.filter((seat) => seats.has(seat) && seat !== state.you.seat);
  const first = [...pins, ...places.filter((seat) => seats.get(seat)?.interprets)];
  const ordered = [...new Set([...first, ...places])].filter((seat) => seats.has(seat) && seat !== state.you.seat);
  // One place is one's own, whoever else is shown: who leads does not give theirs for it.
  const hosts = places.filter((seat) => LEADS.has(seats.get(seat)?.role));
  const kept = new Set([...new Set([...first, ...hosts, ...ordered])].slice(0, Math.max(stage.length - 1, pins.length)));
  const chosen = new Set([...ordered.filter((seat) => kept.has(seat)), state.you.seat]);
  return {
    shown: [...chosen].flatMap((seat) => seats.get(seat) ?? []),
    rest: [...seats.values()].filter(({ seat }) => !chosen.has(seat)),
  };
}

/** The pins after a press on one of them: the oldest makes room for a new one. */
export const withPin = (pins: readonly string[], seat: string): readonly string[] =>
  pins.includes(seat) ? pins.filter((one) => one !== seat) : [...pins, seat].slice(-MOST_PINS);
