/** A browser's RTCPeerConnection for tests: it negotiates and counts what it is told, and sends nothing. */
import { vi } from "vitest";

class Sender {
  readonly #parameters: { encodings: RTCRtpEncodingParameters[] };
  constructor(
    public track: MediaStreamTrack | null,
    encodings: RTCRtpEncodingParameters[],
  ) {
    this.#parameters = { encodings };
  }
  getParameters = () => structuredClone(this.#parameters);
  setParameters = async ({ encodings }: { encodings: RTCRtpEncodingParameters[] }) => {
    this.#parameters.encodings = encodings;
  };
  replaceTrack = async (track: MediaStreamTrack | null) => {
    this.track = track;
  };
}

export class SampleTransceiver {
  mid: string | null = null;
  codecs: string[] = [];
  readonly sender: Sender;
  readonly receiver: { track: { id: string }; jitterBufferTarget: number | null };
  constructor(
    name: string,
    track: MediaStreamTrack | null,
    public direction: string,
    sendEncodings: RTCRtpEncodingParameters[] = [{}],
  ) {
    this.sender = new Sender(track, sendEncodings);
    this.receiver = { track: { id: name }, jitterBufferTarget: null };
  }
  setCodecPreferences = (codecs: RTCRtpCodec[]) => {
    this.codecs = codecs.map(({ mimeType }) => mimeType);
  };
}

export class SamplePeerConnection extends EventTarget {
  static made: SamplePeerConnection[] = [];
  connectionState = "new";
  localDescription: { sdp: string } | null = null;
  currentRemoteDescription: { sdp: string } | null = null;
  /** What getStats tells, one entry after another. */
  stats: Record<string, unknown>[] = [];
  readonly lines: SampleTransceiver[] = [];
  readonly #number = SamplePeerConnection.made.push(this);

  addTransceiver = (track: MediaStreamTrack, { direction, sendEncodings }: RTCRtpTransceiverInit) => {
    const line = new SampleTransceiver(this.#next(), track, direction ?? "sendrecv", sendEncodings);
    this.lines.push(line);
    return line;
  };
  getTransceivers = () => this.lines;
  createOffer = async () => ({ type: "offer", sdp: "offer" });
  createAnswer = async () => ({ type: "answer", sdp: "answer" });
  setLocalDescription = async (description: { sdp: string }) => {
    this.localDescription = description;
    this.lines.forEach((line, at) => (line.mid ??= String(at)));
  };
  /** An offer is here only the names of its m-lines, a letter each. */
  setRemoteDescription = async ({ type, sdp }: { type: string; sdp: string }) => {
    this.currentRemoteDescription = { sdp };
    if (type !== "offer") return;
    for (const mid of sdp) {
      if (this.lines.some((line) => line.mid === mid)) continue;
      const line = new SampleTransceiver(this.#next(), null, "recvonly");
      line.mid = mid;
      this.lines.push(line);
    }
  };
  setConfiguration = () => undefined;
  restartIce = () => undefined;
  getStats = async () => new Map(this.stats.map((entry, at) => [String(at), entry]));
  close = () => {
    this.connectionState = "closed";
  };

  #next = () => `${this.#number}.${this.lines.length}`;
}

const CODECS = ["video/H264", "video/rtx", "video/VP9", "video/VP8", "video/red"];

/** From now on a page makes such connections. */
export function withSamplePeerConnections(): void {
  SamplePeerConnection.made = [];
  vi.stubGlobal("RTCPeerConnection", SamplePeerConnection);
  vi.stubGlobal("RTCRtpSender", { getCapabilities: () => ({ codecs: CODECS.map((mimeType) => ({ mimeType, clockRate: 90_000 })) }) });
}
