/** What this tab keeps of a seat in a room, so that a reload leads back to it also while the database is away. */
import { isAway } from "./problem";

/** Where the resume token of the seat in this appointment's room is kept. */
export const seatKey = (appointment: string) => `ieum.resume.${appointment}`;

export const hasSeat = (appointment: string) => sessionStorage.getItem(seatKey(appointment)) !== null;

/**
 * What `read` brings; for whoever has a seat, what it brought the last time if the server cannot say now: the room itself
 * does without a database. Throws what `read` throws.
 */
export async function readForSeat<Door>(appointment: string, read: () => Promise<Door>): Promise<Door> {
  const key = `ieum.door.${appointment}`;
  try {
    const door = await read();
    sessionStorage.setItem(key, JSON.stringify(door));
    return door;
  } catch (error) {
    const kept = isAway(error) && hasSeat(appointment) ? sessionStorage.getItem(key) : null;
    if (kept === null) throw error;
    return JSON.parse(kept) as Door;
  }
}
