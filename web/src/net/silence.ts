/** When no media comes any more: whether the socket is as silent, and what is to be done when that is back. */
import { pathCounters } from "./media/statistics";
import type { Send } from "./media/up";
import { Problem } from "./problem";

export class Silence {
  readonly #send: Send;
  #socketProven = true;
  /** Packets on the way down when everything fell silent; null where it did not. */
  #since: number | null = null;

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

  /** Nothing at all comes any more, after so many packets. */
  begin(packets: number): void {
    this.#since = packets;
  }

  /** The socket is back. How many packets there were before a silence of all, once; null where it was not silent. */
  taken(): number | null {
    const since = this.#since;
    this.#since = null;
    return since;
  }

  forget(): void {
    this.#since = null;
  }
}

/**
 * What a connection needs that fell silent after so many packets, together with the socket: nothing if it came back by
 * itself. A browser that still believes in its path looks for another only twice a second: there a new connection is
 * sooner than a restart.
 */
export async function afterSilence(pc: RTCPeerConnection, packetsBefore: number): Promise<"nothing" | "rebuild" | "restart"> {
  const { packets } = await pathCounters(pc);
  if (packets > packetsBefore) return "nothing";
  return pc.connectionState === "connected" ? "rebuild" : "restart";
}
