/** What the browser counted on both connections since the last look: for the server, and to hold back here what comes with losses. */
import { PATIENT_MS, patientUntil } from "../../state/patience";
import type { DownConnection, Incoming } from "./down";
import { lineCounters, statsBetween, type LineCounters } from "./statistics";
import type { UpConnection } from "./up";

export class LineReports {
  #reading: LineCounters | null = null;
  /** Seat to the end of the patience with its media. */
  readonly #patience = new Map<string, number>();

  /** The connections were replaced: what was counted on the old ones is no beginning. */
  forget(): void {
    this.#reading = null;
  }

  /** What is new since the last look; null at the first one. */
  async next(up: UpConnection, down: DownConnection, incoming: readonly Incoming[]): Promise<ReturnType<typeof statsBetween> | null> {
    const before = this.#reading;
    const after = await lineCounters(up.pc, down.pc, performance.now());
    this.#reading = after;
    if (before === null || after.sentBytes < before.sentBytes) return null;
    down.holdBack(this.#delays(before, after, incoming));
    return statsBetween(before, after, new Map(incoming.map(({ media, track }) => [media.id, track])));
  }

  /** Sound is held back with the picture of the same person, so that lips stay in step. */
  #delays(before: LineCounters, after: LineCounters, incoming: readonly Incoming[]): Map<string, number> {
    for (const { seat, media } of incoming) {
      const [then, now] = [before.received.get(media.id), after.received.get(media.id)];
      if (then === undefined || now === undefined || now.kind === "audio") continue;
      const counted = { packets: now.packets - then.packets, asked: now.asked - then.asked };
      this.#patience.set(seat, patientUntil(this.#patience.get(seat) ?? 0, counted, after.atMs));
    }
    const patient = incoming.filter(({ seat }) => (this.#patience.get(seat) ?? 0) > 0);
    return new Map(patient.map(({ media }) => [media.id, PATIENT_MS]));
  }
}
