import { describe, expect, test } from "vitest";
import type { SeatView, TrackView } from "../net/messages.gen";
import { emptyCall, type CallView } from "./call";
import { sampleSeat, sampleState } from "./call.sample";
import { isListening, picturesAreDue } from "./due";

const CAMERA: TrackView = { track: "guest.camera", source: "camera", muted: false, stalled: false };
const MIC: TrackView = { track: "guest.mic", source: "mic", muted: true, stalled: false };

const seen = (camera: Partial<TrackView> = {}, seat: Partial<SeatView> = {}, view: Partial<CallView> = {}): CallView => ({
  ...emptyCall,
  state: sampleState({ seats: [sampleSeat({ seat: "host" }), sampleSeat({ tracks: [MIC, { ...CAMERA, ...camera }], ...seat })] }),
  ...view,
});
const everywhere = () => true;

describe("pictures are due", () => {
  test("while somebody else's camera is shown", () => {
    expect(picturesAreDue(seen(), everywhere)).toBe(true);
    expect(picturesAreDue(seen(), () => false)).toBe(false);
  });

  test("not of a camera that is off, or from which nothing reaches the server", () => {
    expect(picturesAreDue(seen({ muted: true }), everywhere)).toBe(false);
    expect(picturesAreDue(seen({ stalled: true }), everywhere)).toBe(false);
  });

  test("not of somebody whose own line is broken, or who is away", () => {
    expect(picturesAreDue(seen({}, { hint: "unstable" }), everywhere)).toBe(false);
    expect(picturesAreDue(seen({}, { presence: "reconnecting" }), everywhere)).toBe(false);
  });

  test("not of a picture that the server keeps back for this device's line", () => {
    expect(picturesAreDue(seen({}, {}, { paused: ["guest.camera"] }), everywhere)).toBe(false);
  });
});

describe("somebody is listened to", () => {
  test("while they are there and something of them is received, though they be muted", () => {
    expect(isListening(seen({ muted: true }), (track) => track === "guest.mic")).toBe(true);
    expect(isListening(seen(), () => false)).toBe(false);
    expect(isListening(seen({}, { presence: "left" }), everywhere)).toBe(false);
  });

  test("not oneself", () => {
    const state = sampleState({ seats: [sampleSeat({ seat: "host", tracks: [CAMERA] })] });
    expect(isListening({ ...emptyCall, state }, everywhere)).toBe(false);
  });
});
