/**
 * The up connection: what this device sends. The client always offers; m-lines are made once per source and re-used.
 *
 * Muting and switching a device never renegotiate. One offer is under way at a time; what changes meanwhile goes into the next.
 */
import type { Answers, Requests, Source, UpLimit } from "../messages.gen";
import { configuration } from "./ice-servers";

export type Send = <Event extends keyof Requests & string>(
  event: Event,
  data: Requests[Event],
  timeoutMs?: number,
) => Promise<Answers[Event]>;

export interface Outgoing {
  track: MediaStreamTrack | null;
  muted: boolean;
}

const SOURCES: readonly Source[] = ["mic", "camera", "screen", "screen_audio"];
const RETRY_MS = 1_000;
/** A shared screen is read: its bits go into sharp text, not into smooth scrolling. */
const SCREEN_FRAMES_PER_S = 8;
const HINTS: Record<Source, string> = { mic: "speech", camera: "motion", screen: "detail", screen_audio: "music" };

/** One simulcast layer of the camera, as the server wishes it. */
export interface CameraLayer {
  rid: string;
  max_bitrate_bps: number;
  scale_down_by: number;
}

export interface UpOptions {
  iceServers: () => RTCIceServer[];
  /** The smallest first; none means that the camera is sent in one size. */
  cameraLayers: readonly CameraLayer[];
  /** Most bits per second for each picture until the server says otherwise. */
  maxBitrateBps: Partial<Record<Source, number>>;
  send: Send;
  onPathState: (state: RTCPeerConnectionState) => void;
}

/** What the server's policy says of layers and bits, as far as it does. */
export function fromPolicy(policy: Record<string, unknown>): Pick<UpOptions, "cameraLayers" | "maxBitrateBps"> {
  const [camera, screen] = [numberOf(policy.camera_max_bitrate_bps), numberOf(policy.screen_max_bitrate_bps)];
  return {
    cameraLayers: (policy.camera_layers ?? []) as CameraLayer[],
    maxBitrateBps: { ...(camera && { camera }), ...(screen && { screen }) },
  };
}

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

export class UpConnection {
  readonly #pc: RTCPeerConnection;
  readonly #options: UpOptions;
  readonly #wanted = new Map<Source, Outgoing>();
  readonly #lines = new Map<Source, RTCRtpTransceiver>();
  readonly #limits = new Map<Source, Limit>();
  /** What the server was last told of each m-line. */
  readonly #told = new Map<string, boolean>();
  #neg = 0;
  #dirty = false;
  #busy = false;
  #closed = false;

  constructor(options: UpOptions) {
    this.#options = options;
    this.#pc = new RTCPeerConnection(configuration(options.iceServers()));
    this.#pc.addEventListener("connectionstatechange", () => options.onPathState(this.#pc.connectionState));
    for (const source of SOURCES) this.#forgetLimit(source);
  }

  get pc(): RTCPeerConnection {
    return this.#pc;
  }

  /** Sends `track` as `source` from now on; without a track the m-line stays and is silent. */
  publish(source: Source, outgoing: Outgoing): void {
    if (this.#closed) return;
    this.#wanted.set(source, outgoing);
    const line = this.#lines.get(source);
    if (outgoing.track !== null) outgoing.track.contentHint = HINTS[source];
    if (line === undefined) {
      if (outgoing.track === null) return;
      this.#addLine(source, outgoing.track);
      return;
    }
    void line.sender.replaceTrack(outgoing.track).catch(() => this.#negotiate());
    const direction = this.#isOn(source) ? "sendonly" : "inactive";
    if (line.direction !== direction) {
      line.direction = direction;
      this.#forgetLimit(source);
      this.#negotiate();
    }
    this.#tellMuted(source);
  }

  limit({ mid, max_bitrate_bps, max_height, layers, paused = false }: UpLimit): void {
    const found = [...this.#lines].find(([, line]) => line.mid === mid);
    if (found === undefined) return;
    this.#limits.set(found[0], { maxBitrateBps: max_bitrate_bps, maxHeightPx: max_height, layers, paused });
    void this.#applyLimit(found[0]);
  }

  /** New ICE credentials over the same m-lines: the way back after a path died. */
  restart(): void {
    if (this.#closed) return;
    this.#pc.setConfiguration(configuration(this.#options.iceServers()));
    this.#pc.restartIce();
    this.#negotiate();
  }

  /** Goes on sending, and asks for nothing new. */
  retire(): void {
    this.#closed = true;
  }

  close(): void {
    this.#closed = true;
    this.#pc.close();
  }

  /** As long as nothing is said of what is sent on an m-line now, the policy holds. */
  #forgetLimit(source: Source): void {
    const maxBitrateBps = this.#options.maxBitrateBps[source];
    if (maxBitrateBps !== undefined) this.#limits.set(source, { maxBitrateBps, maxHeightPx: null, layers: null, paused: false });
  }

  /** A shared screen that ended is taken off its m-line; a muted microphone or camera keeps its own. */
  #isOn(source: Source): boolean {
    const wanted = this.#wanted.get(source);
    return source === "mic" || source === "camera" || (wanted !== undefined && wanted.track !== null);
  }

  #addLine(source: Source, track: MediaStreamTrack): void {
    const line = this.#pc.addTransceiver(track, { direction: "sendonly", sendEncodings: this.#encodings(source) });
    this.#lines.set(source, line);
    const vp8First = (codecs: RTCRtpCodec[]) => codecs.toSorted((a, b) => rank(a.mimeType) - rank(b.mimeType));
    const codecs = RTCRtpSender.getCapabilities(track.kind)?.codecs;
    if (track.kind === "video" && codecs !== undefined) line.setCodecPreferences(vp8First(codecs));
    this.#negotiate();
  }

  #encodings(source: Source): RTCRtpEncodingParameters[] {
    if (source === "screen") return [{ maxFramerate: SCREEN_FRAMES_PER_S }];
    if (source !== "camera" || this.#options.cameraLayers.length === 0) return [{}];
    return this.#options.cameraLayers.map(({ rid, max_bitrate_bps, scale_down_by }) => ({
      rid,
      maxBitrate: max_bitrate_bps,
      scaleResolutionDownBy: scale_down_by,
    }));
  }

  #negotiate(): void {
    this.#dirty = true;
    if (!this.#busy && !this.#closed) void this.#negotiateAll();
  }

  async #negotiateAll(): Promise<void> {
    this.#busy = true;
    while (this.#dirty && !this.#closed) {
      this.#dirty = false;
      try {
        await this.#negotiateOnce();
      } catch {
        // The line is away or the server refused: offer again until it answers or this connection is given up.
        this.#dirty = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.#busy = false;
  }

  async #negotiateOnce(): Promise<void> {
    await this.#pc.setLocalDescription(await this.#pc.createOffer());
    const neg = ++this.#neg;
    const tracks = [...this.#lines]
      .filter(([, line]) => line.direction === "sendonly" && line.mid !== null)
      .map(([source, line]) => ({ mid: String(line.mid), source }));
    const answer = await this.#options.send("up.offer", { neg, sdp: this.#pc.localDescription?.sdp ?? "", tracks });
    if (this.#closed || answer.neg !== neg) return;
    await this.#pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    for (const source of this.#lines.keys()) {
      await this.#applyLimit(source);
      this.#tellMuted(source);
    }
  }

  async #applyLimit(source: Source): Promise<void> {
    const sender = this.#lines.get(source)?.sender;
    const limit = this.#limits.get(source);
    const parameters = sender?.getParameters();
    if (sender === undefined || parameters === undefined || limit === undefined) return;
    if (parameters.encodings.length > 1) limitLayers(parameters.encodings, limit);
    else limitOne(parameters.encodings[0], limit, sender.track?.getSettings().height);
    await sender.setParameters(parameters).catch(() => undefined); // the sender was stopped meanwhile
  }

  #tellMuted(source: Source): void {
    const mid = this.#lines.get(source)?.mid;
    const wanted = this.#wanted.get(source);
    if (!mid || wanted === undefined || this.#pc.currentRemoteDescription === null) return;
    const muted = wanted.muted || wanted.track === null;
    if ((this.#told.get(mid) ?? false) === muted) return;
    this.#told.set(mid, muted);
    this.#options.send("up.state", { mid, muted }).catch(() => {
      this.#told.delete(mid);
    });
  }

  /** After the socket came back: the server may not have heard what was said last. */
  tellAgain(): void {
    this.#told.clear();
    for (const source of this.#lines.keys()) this.#tellMuted(source);
  }
}

interface Limit {
  maxBitrateBps: number;
  maxHeightPx: number | null;
  /** Names of the layers that somebody sees; null as long as nothing was said. */
  layers: readonly string[] | null;
  /** Nobody sees the one size there is. */
  paused: boolean;
}

/** A layer that nobody sees is not even encoded. */
function limitLayers(encodings: RTCRtpEncodingParameters[], { layers }: Limit): void {
  if (layers === null) return;
  for (const encoding of encodings) encoding.active = layers.includes(encoding.rid ?? "");
}

function limitOne(encoding: RTCRtpEncodingParameters | undefined, limit: Limit, height: number | undefined): void {
  if (encoding === undefined) return;
  encoding.active = !limit.paused;
  encoding.maxBitrate = limit.maxBitrateBps;
  if (limit.maxHeightPx !== null && height !== undefined) {
    encoding.scaleResolutionDownBy = Math.max(1, height / limit.maxHeightPx);
  }
}

/** VP8 first, then what belongs to it, then the rest: one codec for everybody, no transcoding anywhere. */
function rank(mimeType: string): number {
  const at = ["video/vp8", "video/rtx", "video/red", "video/ulpfec", "video/flexfec-03"].indexOf(mimeType.toLowerCase());
  return at < 0 ? 99 : at;
}
