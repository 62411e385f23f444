/** When no media comes any more: whether the socket is as silent, and what is to be done when that is back. */
import { pathCounters, type PathCounters } from "./media/statistics";
import type { Send } from "./media/up";
import { Problem } from "./problem";

/** What had been heard on the way down, of what was waited for. */
export interface Heard {
  of: keyof PathCounters;
  count: number;
}

export class Silence {
  readonly #send: Send;
  #socketProven = true;
  /** What had been heard when everything fell silent; null where it did not. */
  #since: Heard | null = null;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Media is overdue: ask the socket for a sign of life. */
  proveSocket(): void {
    this.#socketProven = false;
    this.#send("media.stats", {}).then(
      () => (this.#socketProven = true),
      (error: unknown) => (this.#socketProven = !(error instanceof Problem && error.code === "offline")),
    );
  }

  /** Whether it has given that sign. */
  get socketProven(): boolean {
    return this.#socketProven;
  }

  /** Nothing at all comes any more, after this. */
  begin(heard: Heard): void {
    this.#since = heard;
  }

  /** The socket is back. What had been heard before a silence of all, once; null where it was not silent. */
  taken(): Heard | null {
    const since = this.#since;
    this.#since = null;
    return since;
  }

  forget(): void {
    this.#since = null;
  }
}

/**
 * What a connection needs that fell silent after this, together with the socket: nothing if it came back by
 * itself. A browser that still believes in its path looks for another only twice a second: there a new connection is
 * sooner than a restart.
 */
export async function afterSilence(pc: RTCPeerConnection, { of, count }: Heard): Promise<"nothing" | "rebuild" | "restart"> {
  const counters = await pathCounters(pc);
  if (counters[of] > count) return "nothing";
  return pc.connectionState === "connected" ? "rebuild" : "restart";
}
