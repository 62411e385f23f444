/** How the board counts and words what it is told. */
import type { BoardSeat } from "./queries";

const INSIDE: readonly string[] = ["admitted", "connected", "reconnecting"];

/** How many are in the room, and how many wait. */
export function countsOf(seats: readonly Pick<BoardSeat, "presence">[]) {
  return {
    inside: seats.filter(({ presence }) => INSIDE.includes(presence)).length,
    waiting: seats.filter(({ presence }) => presence === "waiting").length,
  };
}

export const percentOf = (share: number) => Math.round(100 * share);

/** 1.4 Mbit/s as "1,400". */
export const kilobits = (bps: number) => Math.round(bps / 1_000);

export const gigabytes = (bytes: number) => Math.round(bytes / 1e8) / 10;
