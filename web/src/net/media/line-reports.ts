/** What the browser counted on both connections since the last look: for the server, and to hold back here what comes with losses. */
import type { DownConnection, Incoming } from "./down";
import { Patience } from "./patience";
import { lineCounters, statsBetween, type LineCounters } from "./statistics";
import type { UpConnection } from "./up";

export class LineReports {
  #reading: LineCounters | null = null;
  readonly #patience = new Patience();

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
    down.holdBack(this.#patience.delays(incoming, before, after));
    return statsBetween(before, after, new Map(incoming.map(({ media, track }) => [media.id, track])));
  }
}
