/**
 * Tries whether media gets through, before there is a call: a peer connection to a node's probe, which answers ICE and nothing
 * else. It sends no sound and no picture.
 */
import type { ConnectionAnswer } from "../visit";
import { configuration } from "./ice-servers";

/** Directly, through a relay, or not at all. */
export type MediaWay = "direct" | "relay" | "blocked";

type Probe = NonNullable<ConnectionAnswer["probe"]>;

const GIVE_UP_MS = 8_000;
const NO_FINGERPRINT = Array.from({ length: 32 }, () => "00").join(":"); // DTLS is never answered

export async function tryMedia(probe: Probe, iceServers: RTCIceServer[]): Promise<MediaWay> {
  const pc = new RTCPeerConnection(configuration(iceServers));
  try {
    pc.createDataChannel("");
    await pc.setLocalDescription();
    const mid = /^a=mid:(\S+)/m.exec(pc.localDescription?.sdp ?? "")?.[1] ?? "0";
    await pc.setRemoteDescription({ type: "answer", sdp: answerOf(probe, mid) });
    return (await connects(pc)) ? await wayOf(pc) : "blocked";
  } finally {
    pc.close();
  }
}

function connects(pc: RTCPeerConnection): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), GIVE_UP_MS);
    pc.addEventListener("iceconnectionstatechange", () => {
      if (!["connected", "completed"].includes(pc.iceConnectionState)) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
}

async function wayOf(pc: RTCPeerConnection): Promise<MediaWay> {
  const stats = [...(await pc.getStats()).values()] as (RTCIceCandidatePairStats & { id: string; candidateType?: string })[];
  const used = stats.filter(({ type, state }) => type === "candidate-pair" && state === "succeeded");
  const types = used.map(({ localCandidateId }) => stats.find(({ id }) => id === localCandidateId)?.candidateType);
  return types.length > 0 && types.every((type) => type === "relay") ? "relay" : "direct";
}

/** What a node with this probe would answer. RFC 8839, 8841. */
export function answerOf({ ufrag, password, hosts, port }: Probe, mid: string): string {
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=ice-lite",
    `a=group:BUNDLE ${mid}`,
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=sctp-port:5000",
    "a=setup:passive",
    `a=fingerprint:sha-256 ${NO_FINGERPRINT}`,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    ...hosts.map((host, number) => `a=candidate:${number + 1} 1 udp ${2_130_706_431 - number} ${host} ${port} typ host`),
    "a=end-of-candidates",
    "",
  ].join("\r\n");
}
