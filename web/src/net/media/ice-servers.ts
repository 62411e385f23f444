/** The relays of this seat. Their credentials pass away, so that they are asked for anew at half their life. */
import type { IceServersAnswer } from "../messages.gen";

const RETRY_MS = 10_000;

type Given = Pick<IceServersAnswer, "ice_servers" | "ice_refresh_s">;

export class IceServers {
  readonly #ask: () => Promise<Given>;
  #current: RTCIceServer[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ask: () => Promise<Given>) {
    this.#ask = ask;
  }

  /** Good for a new peer connection or a restart of ICE now. */
  get current(): RTCIceServer[] {
    return this.#current;
  }

  /** These hold from now on. */
  take({ ice_servers, ice_refresh_s }: Given): void {
    this.close();
    this.#current = ice_servers as unknown as RTCIceServer[];
    if (ice_refresh_s !== null) this.#refreshIn(ice_refresh_s * 1000);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #refreshIn(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#ask().then(
        (given) => this.take(given),
        () => this.#refreshIn(RETRY_MS), // the line is away; coming back brings others with the state
      );
    }, ms);
  }
}

/** How both peer connections are made; the relay is only tried beside the direct way. */
export const configuration = (iceServers: RTCIceServer[]): RTCConfiguration => ({
  iceServers,
  iceTransportPolicy: "all",
  bundlePolicy: "max-bundle",
});
