/**
 * From one down connection to the next without a gap: each track is shown from the old one until it flows on the new.
 *
 * A call that moves to another server is sent from both for a moment; of a connection that is built anew, the last pictures
 * stay in sight. Whatever does not flow in time is taken as it is.
 */
import type { Incoming } from "./down";

const LOOK_MS = 40;
/** Less than the old server goes on sending for. */
export const BOTH_FOR_MS = 3_000;

type Tracks = ReadonlyMap<string, Incoming>;

export interface TakeOverOptions {
  old: Tracks;
  pc: RTCPeerConnection;
  show: (incoming: Tracks) => void;
  closeOld: () => void;
  /** All is taken over. */
  onDone: () => void;
}

export class TakeOver {
  readonly #options: TakeOverOptions;
  readonly #timers: (() => void)[];
  readonly #flowing = new Set<string>();
  #fresh: Tracks = new Map();
  #done = false;

  constructor(options: TakeOverOptions) {
    this.#options = options;
    const looking = setInterval(() => void this.#look(), LOOK_MS);
    const ending = setTimeout(() => this.#finish(), BOTH_FOR_MS);
    this.#timers = [() => clearInterval(looking), () => clearTimeout(ending)];
  }

  /** What the new connection carries, or will. */
  take(incoming: Tracks): void {
    this.#fresh = incoming;
    this.#options.show(mixed(this.#options.old, incoming, this.#done ? null : this.#flowing));
  }

  /** The old connections end with this, also where the new one is given up as well. */
  close(): void {
    for (const stop of this.#timers.splice(0)) stop();
    this.#options.closeOld();
  }

  async #look(): Promise<void> {
    const flowing = flowingIn(await this.#options.pc.getStats());
    const begun = [...this.#fresh.values()].filter(({ track, media }) => flowing.has(media.id) && !this.#flowing.has(track));
    if (begun.length === 0 || this.#done) return;
    for (const { track } of begun) this.#flowing.add(track);
    this.take(this.#fresh);
  }

  #finish(): void {
    this.#done = true;
    this.close();
    if (this.#fresh.size > 0) this.take(this.#fresh);
    this.#options.onDone();
  }
}

/**
 * Each track in the old version while the new one does not flow: perhaps its sender has not even come over yet.
 * `flowing` null: the new ones as they are.
 */
export function mixed(old: Tracks, fresh: Tracks, flowing: ReadonlySet<string> | null): Tracks {
  if (flowing === null) return fresh;
  const begun = [...fresh].filter(([track]) => flowing.has(track) || !old.has(track));
  return new Map([...old, ...begun]);
}

/** Ids of the media tracks of which something can be seen or heard. */
export function flowingIn(report: RTCStatsReport): ReadonlySet<string> {
  const ids = new Set<string>();
  report.forEach((stats: RTCInboundRtpStreamStats) => {
    if (stats.type !== "inbound-rtp") return;
    const shown = stats.kind === "video" ? (stats.framesDecoded ?? 0) > 0 : (stats.packetsReceived ?? 0) > 0;
    if (shown) ids.add(stats.trackIdentifier);
  });
  return ids;
}
