import { describe, expect, it } from "vitest";
import type { Source } from "../messages.gen";
import type { Incoming } from "./down";
import { Patience } from "./patience";
import type { LineCounters, TrackCounters } from "./statistics";

const SAMPLES_A_SECOND = 48_000;
const NOTHING: Omit<TrackCounters, "kind"> = {
  packets: 0, lost: 0, asked: 0, freezes: 0, frames: 0, height: null, samples: 0, concealed: 0, bufferDelayS: 0, buffered: 0,
};

const incoming = (source: Source, seat = "anna"): Incoming => {
  const media = { id: `${seat}.${source}` } as MediaStreamTrack;
  return { track: media.id, seat, source, media };
};
const counters = (kind: "audio" | "video", counted: Partial<TrackCounters> = {}): TrackCounters => ({ kind, ...NOTHING, ...counted });
const reading = (atMs: number, received: Record<string, TrackCounters>): LineCounters => ({
  atMs, sentBytes: 0, receivedBytes: 0, receivedPackets: 0, lostPackets: 0, sentPackets: 0, upLostPackets: 0, rttMs: null,
  received: new Map(Object.entries(received)),
});
/** Four seconds of a voice each of whose samples lay in the buffer for so long. */
const late = (ms: number) => counters("audio", { buffered: 4 * SAMPLES_A_SECOND, bufferDelayS: (4 * SAMPLES_A_SECOND * ms) / 1_000 });

const ALL = [incoming("mic"), incoming("camera"), incoming("screen"), incoming("mic", "berta"), incoming("camera", "berta")];
const FIRST = reading(0, Object.fromEntries(ALL.map(({ track, source }) => [track, counters(source === "mic" ? "audio" : "video")])));

describe("what is held back", () => {
  it("is nothing on a good line", () => {
    expect(new Patience().delays(ALL, FIRST, reading(4_000, { "anna.mic": late(30), "anna.camera": counters("video") })).size).toBe(0);
  });

  it("is a person's camera while the voice comes late, and nothing else", () => {
    const after = reading(4_000, { ...Object.fromEntries(FIRST.received), "anna.mic": late(200) });
    expect([...new Patience().delays(ALL, FIRST, after)]).toEqual([["anna.camera", 200]]);
  });

  it("is all of a person whose pictures lose, and the camera longer where the voice is later still", () => {
    const lossy = counters("video", { packets: 400, asked: 40 });
    const after = reading(4_000, { ...Object.fromEntries(FIRST.received), "anna.mic": late(300), "anna.camera": lossy });
    expect([...new Patience().delays(ALL, FIRST, after)]).toEqual([["anna.mic", 250], ["anna.camera", 300], ["anna.screen", 250]]);
  });
});
