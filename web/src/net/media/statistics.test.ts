import { describe, expect, it } from "vitest";
import { pathCounters, statsBetween, type LineCounters, type TrackCounters } from "./statistics";

const track = (kind: "audio" | "video", counted: Partial<TrackCounters>): TrackCounters => ({
  kind,
  packets: 0,
  lost: 0,
  asked: 0,
  freezes: 0,
  frames: 0,
  height: null,
  samples: 0,
  concealed: 0,
  bufferDelayS: 0,
  buffered: 0,
  ...counted,
});

const reading = (atMs: number, received: Record<string, TrackCounters>): LineCounters => ({
  atMs,
  sentBytes: 0,
  receivedBytes: 0,
  receivedPackets: 0,
  lostPackets: 0,
  sentPackets: 0,
  upLostPackets: 0,
  rttMs: null,
  received: new Map(Object.entries(received)),
});

const NAMES = new Map([
  ["{a}", "anna.mic"],
  ["{b}", "anna.camera"],
]);

describe("what happened between two readings", () => {
  it("tells each track by the call's name of it", () => {
    const before = reading(0, { "{a}": track("audio", { samples: 1_000, concealed: 100 }), "{b}": track("video", { frames: 10, freezes: 1 }) });
    const after = reading(4_000, {
      "{a}": track("audio", { packets: 90, lost: 10, samples: 2_000, concealed: 150, bufferDelayS: 60, buffered: 1_000 }),
      "{b}": track("video", { frames: 90, freezes: 3, height: 360 }),
      "{c}": track("video", { frames: 5 }),
    });
    const { seconds, tracks } = statsBetween(before, after, NAMES);
    expect(seconds).toBe(4);
    expect(tracks).toEqual([
      { track: "anna.mic", lost_percent: 10, freezes: null, height: null, frames_per_s: null, concealed_percent: 5, jitter_buffer_ms: 60 },
      { track: "anna.camera", lost_percent: null, freezes: 2, height: 360, frames_per_s: 20, concealed_percent: null, jitter_buffer_ms: null },
    ]);
  });

  it("tells nothing of a track that has only just come, or began anew", () => {
    const began = reading(4_000, { "{b}": track("video", { frames: 2 }) });
    expect(statsBetween(reading(0, {}), began, NAMES).tracks).toEqual([]);
    const anew = statsBetween(reading(0, { "{b}": track("video", { frames: 900, freezes: 4 }) }), began, NAMES).tracks;
    expect(anew).toMatchObject([{ freezes: 0, frames_per_s: 0 }]);
  });
});

describe("what the server lost of this device", () => {
  it("is what it counts, not what it reports for the sake of listeners", () => {
    const before = { ...reading(0, {}), sentPackets: 100, upLostPackets: 2 };
    const after = { ...reading(4_000, {}), sentPackets: 300, upLostPackets: 12 };
    expect(statsBetween(before, after, NAMES).up_loss_percent).toBe(5);
    expect(statsBetween(before, { ...before, atMs: 4_000 }, NAMES).up_loss_percent).toBe(null);
  });
});

describe("what is received on a path", () => {
  const path = (...entries: Record<string, unknown>[]) =>
    pathCounters({ getStats: async () => new Map(entries.map((entry, at) => [at, entry])) } as unknown as RTCPeerConnection);
  const VOICE = { type: "inbound-rtp", packetsReceived: 7 };
  const PAIR = { type: "candidate-pair", responsesReceived: 2, bytesReceived: 900 };

  it("is packets and answered checks, of all tracks and candidate pairs", async () => {
    expect(await path(VOICE, VOICE, PAIR)).toMatchObject({ packets: 14, responses: 2 });
  });

  it("gives a sign with each packet, report and answered check", async () => {
    const { signs } = await path(VOICE, PAIR);
    expect((await path(VOICE, { ...PAIR, bytesReceived: 964 })).signs).toBeGreaterThan(signs);
    expect((await path(VOICE, { ...PAIR, responsesReceived: 3 })).signs).toBeGreaterThan(signs);
    expect((await path(VOICE, PAIR)).signs).toBe(signs);
  });
});
