/** What is to be held back before it is shown: by what was counted of each person's pictures and voice. */
import { PATIENT_MS, patientUntil, waitForVoice } from "../../state/patience";
import type { Incoming } from "./down";
import type { LineCounters, TrackCounters } from "./statistics";

export class Patience {
  /** Seat to the end of the patience with it, by the clock of the readings. */
  readonly #until = new Map<string, number>();

  /** Milliseconds by the browser's name of the media: all of a person with whom one is patient, and a picture for its voice. */
  delays(incoming: readonly Incoming[], before: LineCounters, after: LineCounters): ReadonlyMap<string, number> {
    const waits = new Map<string, number>();
    for (const { seat, source, media } of incoming) {
      const [then, now] = [before.received.get(media.id), after.received.get(media.id)];
      if (then === undefined || now === undefined) continue;
      if (source === "mic") waits.set(seat, waitForVoice(bufferedMs(then, now)));
      if (now.kind === "audio") continue;
      const counted = { packets: now.packets - then.packets, asked: now.asked - then.asked };
      this.#until.set(seat, patientUntil(this.#until.get(seat) ?? 0, counted, after.atMs));
    }
    const delay = ({ seat, source }: Incoming) =>
      Math.max((this.#until.get(seat) ?? 0) > 0 ? PATIENT_MS : 0, source === "camera" ? (waits.get(seat) ?? 0) : 0);
    return new Map(incoming.map((each) => [each.media.id, delay(each)] as const).filter(([, delayMs]) => delayMs > 0));
  }
}

/** How long what came out between two readings had lain in the buffer, on average. */
function bufferedMs(then: TrackCounters, now: TrackCounters): number {
  const count = now.buffered - then.buffered;
  return count > 0 ? (1_000 * (now.bufferDelayS - then.bufferDelayS)) / count : 0;
}
