/** Of whom packets must come now: what the watchdog of the line may take for a fault when they do not. Pure. */
import type { CallView } from "./call";

/** Somebody else in the room sends a picture that is shown here, and their line is well: then packets must come, but of what the server keeps back. */
export function picturesAreDue({ state, paused }: CallView, isShown: (track: string) => boolean): boolean {
  if (state === null) return false;
  return state.seats.some(
    (seat) =>
      seat.seat !== state.you.seat &&
      seat.presence === "connected" &&
      (seat.hint === "good" || seat.hint === "weak") &&
      seat.tracks.some(
        ({ track, source, muted, stalled }) => source === "camera" && !muted && !stalled && !paused.includes(track) && isShown(track),
      ),
  );
}

/** Somebody else is in the room of whom something is received: then, be they silent, the server reports of them. */
export function isListening({ state }: CallView, isReceived: (track: string) => boolean): boolean {
  if (state === null) return false;
  return state.seats.some(
    ({ seat, presence, tracks }) => seat !== state.you.seat && presence === "connected" && tracks.some(({ track }) => isReceived(track)),
  );
}
