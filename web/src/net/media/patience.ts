/** Who is to be held back before being shown: by what was counted of each person's pictures, for all media of theirs. */
import { PATIENT_MS, patientUntil } from "../../state/patience";
import type { Incoming } from "./down";
import type { LineCounters } from "./statistics";

export class Patience {
  /** Seat to the end of the patience with it, by the clock of the readings. */
  readonly #until = new Map<string, number>();

  /** Milliseconds by the browser's name of the media. Sound waits for the picture of the same person: lips stay in step. */
  delays(incoming: readonly Incoming[], before: LineCounters, after: LineCounters): ReadonlyMap<string, number> {
    for (const { seat, media } of incoming) {
      const [then, now] = [before.received.get(media.id), after.received.get(media.id)];
      if (then === undefined || now === undefined || now.kind === "audio") continue;
      const counted = { packets: now.packets - then.packets, asked: now.asked - then.asked };
      this.#until.set(seat, patientUntil(this.#until.get(seat) ?? 0, counted, after.atMs));
    }
    const patient = incoming.filter(({ seat }) => (this.#until.get(seat) ?? 0) > 0);
    return new Map(patient.map(({ media }) => [media.id, PATIENT_MS]));
  }
}
