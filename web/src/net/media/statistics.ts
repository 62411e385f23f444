/** Reads what the browser counts (W3C webrtc-stats) into the few numbers the watchdog and the server want. */
import type { MediaStats, TrackStats } from "../messages.gen";

export interface PathCounters {
  /** RTP packets received. */
  packets: number;
  /** STUN responses received. */
  responses: number;
  /** Changes with whatever is received, reports and answered checks too; no count of anything. */
  signs: number;
}

/** What has been received on the path in use. */
export async function pathCounters(pc: RTCPeerConnection): Promise<PathCounters> {
  const counters = { packets: 0, responses: 0, signs: 0 };
  (await pc.getStats()).forEach((entry: Record<string, unknown>) => {
    if (entry.type === "inbound-rtp") counters.packets += numberOf(entry.packetsReceived);
    if (entry.type !== "candidate-pair") return;
    counters.responses += numberOf(entry.responsesReceived);
    counters.signs += numberOf(entry.bytesReceived);
  });
  counters.signs += counters.packets + counters.responses;
  return counters;
}

/** Totals of one track that this device receives. */
export interface TrackCounters {
  kind: "audio" | "video";
  packets: number;
  lost: number;
  /** Requests to send something again. */
  asked: number;
  freezes: number;
  frames: number;
  height: number | null;
  samples: number;
  concealed: number;
  bufferDelayS: number;
  buffered: number;
}

export interface LineCounters {
  atMs: number;
  sentBytes: number;
  receivedBytes: number;
  receivedPackets: number;
  lostPackets: number;
  sentPackets: number;
  /** Of those, as the server counts them: its `fractionLost` also tells what listeners lose, so that voices are protected. */
  upLostPackets: number;
  rttMs: number | null;
  /** By the browser's own name of the media. */
  received: Map<string, TrackCounters>;
}

/** One reading of both connections. */
export async function lineCounters(up: RTCPeerConnection, down: RTCPeerConnection, atMs: number): Promise<LineCounters> {
  const line: LineCounters = {
    atMs,
    sentBytes: 0,
    receivedBytes: 0,
    receivedPackets: 0,
    lostPackets: 0,
    sentPackets: 0,
    upLostPackets: 0,
    rttMs: null,
    received: new Map(),
  };
  for (const pc of [up, down]) {
    (await pc.getStats()).forEach((entry: Record<string, unknown>) => addEntry(line, entry));
  }
  return line;
}

/** Filling a pause that the speaker made (silent concealment) is no fault, so it is not counted. */
const trackCounters = (entry: Record<string, unknown>): TrackCounters => ({
  kind: entry.kind === "audio" ? "audio" : "video",
  packets: numberOf(entry.packetsReceived),
  lost: numberOf(entry.packetsLost),
  asked: numberOf(entry.nackCount),
  freezes: numberOf(entry.freezeCount),
  frames: numberOf(entry.framesDecoded),
  height: typeof entry.frameHeight === "number" ? entry.frameHeight : null,
  samples: numberOf(entry.totalSamplesReceived) - numberOf(entry.silentConcealedSamples),
  concealed: numberOf(entry.concealedSamples) - numberOf(entry.silentConcealedSamples),
  bufferDelayS: numberOf(entry.jitterBufferDelay),
  buffered: numberOf(entry.jitterBufferEmittedCount),
});

function addEntry(line: LineCounters, entry: Record<string, unknown>): void {
  switch (entry.type) {
    case "outbound-rtp":
      line.sentBytes += numberOf(entry.bytesSent);
      line.sentPackets += numberOf(entry.packetsSent);
      break;
    case "inbound-rtp":
      line.receivedBytes += numberOf(entry.bytesReceived);
      line.receivedPackets += numberOf(entry.packetsReceived);
      line.lostPackets += numberOf(entry.packetsLost);
      if (typeof entry.trackIdentifier === "string") line.received.set(entry.trackIdentifier, trackCounters(entry));
      break;
    case "remote-inbound-rtp":
      line.upLostPackets += numberOf(entry.packetsLost);
      break;
    case "candidate-pair":
      if (entry.nominated === true && typeof entry.currentRoundTripTime === "number") {
        line.rttMs = Math.max(line.rttMs ?? 0, entry.currentRoundTripTime * 1_000);
      }
  }
}

/** What happened between two readings, as `media.stats` wants it. `names`: the call's names of tracks by the browser's. */
export function statsBetween(before: LineCounters, after: LineCounters, names: ReadonlyMap<string, string>): MediaStats {
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1_000);
  const perSecond = (bytes: number) => Math.max(0, Math.round((bytes * 8) / seconds));
  const lost = Math.max(0, after.lostPackets - before.lostPackets);
  const due = lost + Math.max(0, after.receivedPackets - before.receivedPackets);
  return {
    rtt_ms: after.rttMs === null ? null : Math.min(60_000, after.rttMs),
    up_loss_percent: percentOf(after.upLostPackets - before.upLostPackets, after.sentPackets - before.sentPackets),
    down_loss_percent: percentOf(lost, due),
    up_bps: perSecond(after.sentBytes - before.sentBytes),
    down_bps: perSecond(after.receivedBytes - before.receivedBytes),
    seconds: Math.min(600, seconds),
    tracks: tracksBetween(before, after, names, seconds),
  };
}

const MOST_TRACKS = 48;

function tracksBetween(before: LineCounters, after: LineCounters, names: ReadonlyMap<string, string>, seconds: number): TrackStats[] {
  return [...after.received]
    .flatMap(([media, now]) => {
      const track = names.get(media);
      const then = before.received.get(media);
      return track === undefined || then === undefined ? [] : [trackBetween(track, then, now, seconds)];
    })
    .slice(0, MOST_TRACKS);
}

function trackBetween(track: string, then: TrackCounters, now: TrackCounters, seconds: number): TrackStats {
  const more = (count: (of: TrackCounters) => number) => Math.max(0, count(now) - count(then));
  const [samples, buffered] = [more((of) => of.samples), more((of) => of.buffered)];
  const isPicture = now.kind === "video";
  const lost = more((of) => of.lost);
  return {
    track,
    lost_percent: percentOf(lost, lost + more((of) => of.packets)),
    freezes: isPicture ? Math.min(1_000, more((of) => of.freezes)) : null,
    height: isPicture && now.height !== null ? Math.min(4_320, now.height) : null,
    frames_per_s: isPicture ? Math.min(240, more((of) => of.frames) / seconds) : null,
    concealed_percent: isPicture ? null : percentOf(more((of) => of.concealed), samples),
    jitter_buffer_ms: buffered === 0 ? null : Math.min(60_000, (1_000 * more((of) => of.bufferDelayS)) / buffered),
  };
}

const percentOf = (part: number, whole: number): number | null => (whole <= 0 ? null : Math.min(100, Math.max(0, (100 * part) / whole)));

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
