/**
 * The down connection: what this device receives. The server always offers; m-lines are mapped to tracks by mid and re-used.
 */
import type { DownOffer, Source } from "../messages.gen";
import { configuration } from "./ice-servers";
import { restartsIce } from "./sdp";
import type { Send } from "./up";

export interface Incoming {
  track: string;
  seat: string;
  source: Source;
  media: MediaStreamTrack;
}

export interface DownOptions {
  iceServers: () => RTCIceServer[];
  send: Send;
  /** What arrives now, by the call's name of the track. */
  onIncoming: (incoming: ReadonlyMap<string, Incoming>) => void;
  onPathState: (state: RTCPeerConnectionState) => void;
}

export class DownConnection {
  readonly #pc: RTCPeerConnection;
  readonly #options: DownOptions;
  /** Offers are answered one after another, in the order they came. */
  #last: Promise<void> = Promise.resolve();
  #newestNeg = -1;
  #closed = false;

  constructor(options: DownOptions) {
    this.#options = options;
    this.#pc = new RTCPeerConnection(configuration(options.iceServers()));
    this.#pc.addEventListener("connectionstatechange", () => options.onPathState(this.#pc.connectionState));
  }

  get pc(): RTCPeerConnection {
    return this.#pc;
  }

  /** Resolves when the offer was answered or dropped because a newer one has come. Rejects when it cannot be used. */
  answer(offer: DownOffer): Promise<void> {
    this.#newestNeg = Math.max(this.#newestNeg, offer.neg);
    const turn = this.#last.then(() => this.#answer(offer));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Holds media back for so many milliseconds before it is shown, by the browser's names of it; all else as little as may be. */
  holdBack(delays: ReadonlyMap<string, number>): void {
    for (const { receiver } of this.#pc.getTransceivers()) {
      const delayMs = delays.get(receiver.track.id) ?? null;
      if (receiver.jitterBufferTarget !== delayMs) receiver.jitterBufferTarget = delayMs;
    }
  }

  /** Goes on receiving, and agrees to nothing new. */
  retire(): void {
    this.#closed = true;
  }

  close(): void {
    this.#closed = true;
    this.#pc.close();
  }

  async #answer({ neg, sdp, map }: DownOffer): Promise<void> {
    if (this.#closed || neg < this.#newestNeg) return;
    if (restartsIce(this.#pc.currentRemoteDescription?.sdp, sdp)) {
      this.#pc.setConfiguration(configuration(this.#options.iceServers()));
    }
    await this.#pc.setRemoteDescription({ type: "offer", sdp });
    await this.#pc.setLocalDescription(await this.#pc.createAnswer());
    if (this.#closed) return;
    this.#options.onIncoming(this.#incoming(map));
    await this.#options.send("down.answer", { neg, sdp: this.#pc.localDescription?.sdp ?? "" });
  }

  #incoming(map: DownOffer["map"]): ReadonlyMap<string, Incoming> {
    const lines = new Map(this.#pc.getTransceivers().map((line) => [line.mid, line]));
    return new Map(
      map.flatMap(({ mid, track, seat, source }) => {
        const line = lines.get(mid);
        return line === undefined ? [] : [[track, { track, seat, source, media: line.receiver.track }] as const];
      }),
    );
  }
}
