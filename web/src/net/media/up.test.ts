import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Source } from "../messages.gen";
import { SamplePeerConnection, withSamplePeerConnections, type SampleTransceiver } from "./peer-connection.sample";
import { fromPolicy, UpConnection, type Send } from "./up";

/** As a node tells it to whoever comes in. */
const POLICY = {
  codec: "VP8",
  camera_max_bitrate_bps: 1_500_000,
  screen_max_bitrate_bps: 2_500_000,
  camera_layers: [
    { rid: "q", max_bitrate_bps: 166_666, scale_down_by: 4 },
    { rid: "h", max_bitrate_bps: 500_000, scale_down_by: 2 },
    { rid: "f", max_bitrate_bps: 1_500_000, scale_down_by: 1 },
  ],
};
const KINDS: Record<Source, "audio" | "video"> = { mic: "audio", camera: "video", screen: "video", screen_audio: "audio" };

let said: [string, unknown][];
const send = (async (event: string, data: { neg?: number }) => {
  said.push([event, data]);
  return event === "up.offer" ? { neg: data.neg, sdp: "answer" } : {};
}) as Send;

const trackOf = (source: Source, height = 720) =>
  ({ kind: KINDS[source], contentHint: "", getSettings: () => ({ height }) }) as unknown as MediaStreamTrack;

/** Sends this alone, and waits until that is agreed. */
async function sending(source: Source, policy: Record<string, unknown> = POLICY): Promise<{ up: UpConnection; line: SampleTransceiver; track: MediaStreamTrack }> {
  const up = new UpConnection({ iceServers: () => [], ...fromPolicy(policy), send, onPathState: () => undefined });
  const track = trackOf(source);
  up.publish(source, { track, muted: false });
  await vi.waitFor(() => expect(SamplePeerConnection.made.at(-1)?.currentRemoteDescription).not.toBeNull());
  const line = SamplePeerConnection.made.at(-1)?.lines[0];
  if (line === undefined) throw new Error("no m-line was made");
  await vi.waitFor(() => expect(line.mid).not.toBeNull());
  return { up, line, track };
}

const encodings = (line: SampleTransceiver) => line.sender.getParameters().encodings;
const active = (line: SampleTransceiver) => encodings(line).map(({ rid, active }) => [rid, active]);
const limit = (layers: string[]) => ({ mid: "0", max_bitrate_bps: 1_500_000, max_height: 720, layers });

beforeEach(() => {
  said = [];
  withSamplePeerConnections();
});
afterEach(() => void vi.unstubAllGlobals());

describe("a camera", () => {
  test("is sent in three sizes, the smallest first, each with its bits", async () => {
    const { line } = await sending("camera");
    expect(encodings(line)).toEqual([
      { rid: "q", maxBitrate: 166_666, scaleResolutionDownBy: 4 },
      { rid: "h", maxBitrate: 500_000, scaleResolutionDownBy: 2 },
      { rid: "f", maxBitrate: 1_500_000, scaleResolutionDownBy: 1 },
    ]);
  });

  test("is told to be motion, and is VP8 before anything else", async () => {
    const { line, track } = await sending("camera");
    expect(track.contentHint).toBe("motion");
    expect(line.codecs.slice(0, 3)).toEqual(["video/VP8", "video/rtx", "video/red"]);
  });

  test("encodes only the sizes that somebody sees, and another again as soon as it is wanted", async () => {
    const { up, line } = await sending("camera");
    up.limit(limit(["q"]));
    await vi.waitFor(() => expect(active(line)).toEqual([["q", true], ["h", false], ["f", false]]));
    up.limit(limit(["q", "h", "f"]));
    await vi.waitFor(() => expect(active(line)).toEqual([["q", true], ["h", true], ["f", true]]));
  });

  test("keeps its limit through the next negotiation", async () => {
    const { up, line } = await sending("camera");
    up.limit(limit(["q"]));
    await vi.waitFor(() => expect(active(line)).toEqual([["q", true], ["h", false], ["f", false]]));
    up.publish("screen", { track: trackOf("screen"), muted: false });
    await vi.waitFor(() => expect(said.filter(([event]) => event === "up.offer")).toHaveLength(2));
    expect(active(line)).toEqual([["q", true], ["h", false], ["f", false]]);
  });

  test("is sent in one size where the server wishes no more, and is scaled to what may be sent", async () => {
    const { up, line } = await sending("camera", { ...POLICY, camera_layers: [] });
    expect(encodings(line)).toEqual([{ active: true, maxBitrate: 1_500_000 }]);
    up.limit({ ...limit([]), max_bitrate_bps: 400_000, max_height: 360 });
    await vi.waitFor(() => expect(encodings(line)).toEqual([{ active: true, maxBitrate: 400_000, scaleResolutionDownBy: 2 }]));
  });
});

describe("a shared screen", () => {
  test("is sharp rather than smooth: told to be detail, and eight frames in a second at most", async () => {
    const { line, track } = await sending("screen");
    expect(track.contentHint).toBe("detail");
    expect(encodings(line)).toEqual([{ active: true, maxFramerate: 8, maxBitrate: 2_500_000 }]);
  });

  test("has one size and keeps its frames when its bits are limited", async () => {
    const { up, line } = await sending("screen");
    up.limit({ ...limit([]), max_bitrate_bps: 800_000, max_height: 1_080 });
    await vi.waitFor(() => expect(encodings(line)).toEqual([{ active: true, maxFramerate: 8, maxBitrate: 800_000, scaleResolutionDownBy: 1 }]));
  });
});

describe("a picture in one size that nobody sees", () => {
  const paused = { ...limit([]), paused: true };

  test("is not encoded, until somebody sees it again", async () => {
    const { up, line } = await sending("screen");
    up.limit(paused);
    await vi.waitFor(() => expect(encodings(line)[0]).toMatchObject({ active: false, maxFramerate: 8 }));
    up.limit(limit([]));
    await vi.waitFor(() => expect(encodings(line)[0]?.active).toBe(true));
  });

  test("is forgotten when the sharing ends: the next screen is sent", async () => {
    const { up, line, track } = await sending("screen");
    up.limit(paused);
    await vi.waitFor(() => expect(encodings(line)[0]?.active).toBe(false));
    up.publish("screen", { track: null, muted: true });
    up.publish("screen", { track, muted: false });
    await vi.waitFor(() => expect(encodings(line)[0]?.active).toBe(true));
  });
});

test("voices and what is heard of a screen are told apart, and neither is limited", async () => {
  const [mic, sound] = [await sending("mic"), await sending("screen_audio")];
  expect([mic.track.contentHint, sound.track.contentHint]).toEqual(["speech", "music"]);
  expect([encodings(mic.line), encodings(sound.line)]).toEqual([[{}], [{}]]);
});

test("a limit for an m-line that is not there changes nothing", async () => {
  const { up, line } = await sending("camera");
  const before = encodings(line);
  up.limit({ ...limit(["q"]), mid: "7" });
  expect(encodings(line)).toEqual(before);
});
