import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Incoming } from "./down";
import { BOTH_FOR_MS, TakeOver, mixed } from "./take-over";

const incoming = (track: string, id: string): Incoming => ({
  track,
  seat: "s",
  source: track.endsWith("mic") ? "mic" : "camera",
  media: { id } as MediaStreamTrack,
});
const tracks = (...all: Incoming[]) => new Map(all.map((one) => [one.track, one]));
const OLD = tracks(incoming("s.mic", "old-mic"), incoming("s.camera", "old-camera"));
const FRESH = tracks(incoming("s.mic", "new-mic"), incoming("s.camera", "new-camera"));

function connection() {
  const reports: Record<string, unknown>[] = [];
  const pc = { getStats: async () => new Map(reports.map((one, at) => [String(at), one])) };
  return { reports, pc: pc as unknown as RTCPeerConnection };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each track is shown from the old connection until it flows on the new one", async () => {
  const { reports, pc } = connection();
  const shown: string[][] = [];
  const ids = (all: ReadonlyMap<string, Incoming>) => [...all.values()].map(({ media }) => media.id);
  const takeOver = new TakeOver({ old: OLD, pc, show: (all) => shown.push(ids(all)), closeOld: () => shown.push(["closed"]), onDone: () => shown.push(["done"]) });
  takeOver.take(FRESH);
  reports.push({ type: "inbound-rtp", kind: "audio", packetsReceived: 1, trackIdentifier: "new-mic" });
  reports.push({ type: "inbound-rtp", kind: "video", framesDecoded: 0, trackIdentifier: "new-camera" });
  await vi.advanceTimersByTimeAsync(100);
  reports[1] = { type: "inbound-rtp", kind: "video", framesDecoded: 1, trackIdentifier: "new-camera" };
  await vi.advanceTimersByTimeAsync(100);
  expect(shown).toEqual([["old-mic", "old-camera"], ["new-mic", "old-camera"], ["new-mic", "new-camera"]]);
  await vi.advanceTimersByTimeAsync(BOTH_FOR_MS);
  expect(shown.slice(-3)).toEqual([["closed"], ["new-mic", "new-camera"], ["done"]]);
});

test("what does not flow in time is taken as it is", async () => {
  const shown: ReadonlyMap<string, Incoming>[] = [];
  const takeOver = new TakeOver({ old: OLD, pc: connection().pc, show: (all) => shown.push(all), closeOld: () => undefined, onDone: () => undefined });
  takeOver.take(FRESH);
  await vi.advanceTimersByTimeAsync(BOTH_FOR_MS + 100);
  expect(shown.at(-1)).toEqual(FRESH);
});

test("a track that the old connection did not have is new at once", () => {
  const share = incoming("s.screen", "new-share");
  expect(mixed(OLD, tracks(share), new Set()).get("s.screen")).toBe(share);
});

test("a track whose sender has not come over yet is still shown from the old connection", () => {
  expect(mixed(OLD, new Map(), new Set())).toEqual(OLD);
  expect(mixed(OLD, new Map(), null).size).toBe(0);
});
