/** Reads what the browser counts (W3C webrtc-stats) into the few numbers the watchdog and the server want. */
import type { MediaStats } from "../messages.gen";

export interface PathCounters {
  packets: number;
  responses: number;
}

/** RTP packets received and STUN responses received on the path in use. */
export async function pathCounters(pc: RTCPeerConnection): Promise<PathCounters> {
  const counters = { packets: 0, responses: 0 };
  (await pc.getStats()).forEach((entry: Record<string, unknown>) => {
    if (entry.type === "inbound-rtp") counters.packets += numberOf(entry.packetsReceived);
    if (entry.type === "candidate-pair") counters.responses += numberOf(entry.responsesReceived);
  });
  return counters;
}

export interface LineCounters {
  atMs: number;
  sentBytes: number;
  receivedBytes: number;
  receivedPackets: number;
  lostPackets: number;
  upLossPercent: number | null;
  rttMs: number | null;
}

/** One reading of both connections. */
export async function lineCounters(up: RTCPeerConnection, down: RTCPeerConnection, atMs: number): Promise<LineCounters> {
  const line: LineCounters = { atMs, sentBytes: 0, receivedBytes: 0, receivedPackets: 0, lostPackets: 0, upLossPercent: null, rttMs: null };
  for (const pc of [up, down]) {
    (await pc.getStats()).forEach((entry: Record<string, unknown>) => addEntry(line, entry));
  }
  return line;
}

function addEntry(line: LineCounters, entry: Record<string, unknown>): void {
  switch (entry.type) {
    case "outbound-rtp":
      line.sentBytes += numberOf(entry.bytesSent);
      break;
    case "inbound-rtp":
      line.receivedBytes += numberOf(entry.bytesReceived);
      line.receivedPackets += numberOf(entry.packetsReceived);
      line.lostPackets += numberOf(entry.packetsLost);
      break;
    case "remote-inbound-rtp":
      line.upLossPercent = Math.max(line.upLossPercent ?? 0, numberOf(entry.fractionLost) * 100);
      break;
    case "candidate-pair":
      if (entry.nominated === true && typeof entry.currentRoundTripTime === "number") {
        line.rttMs = Math.max(line.rttMs ?? 0, entry.currentRoundTripTime * 1_000);
      }
  }
}

/** What happened between two readings, as `media.stats` wants it. */
export function statsBetween(before: LineCounters, after: LineCounters): MediaStats {
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1_000);
  const perSecond = (bytes: number) => Math.max(0, Math.round((bytes * 8) / seconds));
  const lost = Math.max(0, after.lostPackets - before.lostPackets);
  const due = lost + Math.max(0, after.receivedPackets - before.receivedPackets);
  return {
    rtt_ms: after.rttMs === null ? null : Math.min(60_000, after.rttMs),
    up_loss_percent: after.upLossPercent === null ? null : Math.min(100, after.upLossPercent),
    down_loss_percent: due === 0 ? null : (100 * lost) / due,
    up_bps: perSecond(after.sentBytes - before.sentBytes),
    down_bps: perSecond(after.receivedBytes - before.receivedBytes),
  };
}

/** Is this line too weak for pictures to be good? Said to its owner, who can do something about it. */
export const isWeak = (stats: MediaStats): boolean =>
  (stats.rtt_ms ?? 0) > 600 || (stats.up_loss_percent ?? 0) > 8 || (stats.down_loss_percent ?? 0) > 8;

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
