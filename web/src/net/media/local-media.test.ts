import { beforeEach, describe, expect, test, vi } from "vitest";
import { LocalMedia } from "./local-media";

/** A track of a browser without devices: enough of MediaStreamTrack to be stopped, muted and lost. */
class Track extends EventTarget {
  enabled = true;
  stopped = false;
  constructor(
    readonly kind: "audio" | "video",
    readonly deviceId = `${kind}-1`,
  ) {
    super();
  }
  getSettings = () => ({ deviceId: this.deviceId });
  stop = () => {
    this.stopped = true;
  };
}

const stream = (...tracks: Track[]) => ({
  getTracks: () => tracks,
  getAudioTracks: () => tracks.filter(({ kind }) => kind === "audio"),
  getVideoTracks: () => tracks.filter(({ kind }) => kind === "video"),
});

type Ask = (constraints: MediaStreamConstraints) => Track[];

/** Puts a browser's media devices in place; `ask` throws as getUserMedia rejects. */
function devices(ask: Ask) {
  const target = new EventTarget();
  const getUserMedia = vi.fn(async (constraints: MediaStreamConstraints) => stream(...ask(constraints)));
  Object.defineProperty(navigator, "mediaDevices", {
    configurable: true,
    value: Object.assign(target, { getUserMedia, enumerateDevices: async () => [] }),
  });
  return getUserMedia;
}

const fail = (name: string): never => {
  throw new DOMException(name, name);
};

const both: Ask = ({ audio, video }) => [...(audio ? [new Track("audio")] : []), ...(video ? [new Track("video")] : [])];

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

describe("the devices of a page", () => {
  test("are asked for with one question", async () => {
    const asked = devices(both);
    const local = new LocalMedia();
    await local.start();
    expect(asked).toHaveBeenCalledTimes(1);
    expect([local.state.get().mic.status, local.state.get().camera.status]).toEqual(["on", "on"]);
  });

  test("a missing camera does not take the microphone away", async () => {
    devices(({ audio, video }) => (video ? fail("NotFoundError") : audio ? [new Track("audio")] : []));
    const local = new LocalMedia();
    await local.start();
    expect(local.state.get().mic).toMatchObject({ status: "on", problem: null });
    expect(local.state.get().camera).toMatchObject({ status: "off", problem: "none" });
  });

  test("a refused permission is repaired by asking again", async () => {
    let allowed = false;
    devices((wish) => (allowed ? both(wish) : fail("NotAllowedError")));
    const local = new LocalMedia();
    await local.start();
    expect(local.state.get().mic.problem).toBe("denied");
    allowed = true;
    await local.repair("mic");
    expect(local.state.get().mic).toMatchObject({ status: "on", problem: null });
  });

  test("an unplugged microphone is a problem of its own", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    local.tracks.get().mic?.dispatchEvent(new Event("ended"));
    expect(local.state.get().mic).toMatchObject({ status: "off", problem: "unplugged" });
  });

  test("a phone call that takes the microphone is told while it lasts", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const { mic } = local.tracks.get();
    mic?.dispatchEvent(new Event("mute"));
    expect(local.state.get().mic.problem).toBe("interrupted");
    mic?.dispatchEvent(new Event("unmute"));
    expect(local.state.get().mic.problem).toBeNull();
  });

  test("switching the camera off lets the device go", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const camera = local.tracks.get().camera as unknown as Track;
    await local.setCameraOn(false);
    expect([camera.stopped, local.outgoing("camera")]).toEqual([true, { track: null, muted: true }]);
  });

  test("muted before a reload is muted after it", async () => {
    devices(both);
    const before = new LocalMedia();
    await before.start();
    await before.setMicMuted(true);
    await before.setCameraOn(false);
    const asked = devices(both);
    const after = new LocalMedia();
    await after.start();
    expect(asked.mock.calls[0]?.[0].video).toBe(false);
    expect(after.outgoing("mic")).toMatchObject({ muted: true, track: { enabled: false } });
  });

  test("a chosen device that has gone gives way to another", async () => {
    localStorage.setItem("ieum.device.mic", "gone");
    devices(({ audio }) => {
      const exact = typeof audio === "object" && (audio.deviceId as ConstrainDOMStringParameters | undefined)?.exact;
      return exact === "gone" ? fail("OverconstrainedError") : [new Track("audio", "other")];
    });
    const local = new LocalMedia();
    await local.repair("mic");
    expect(local.state.get().mic).toMatchObject({ status: "on", deviceId: "other" });
  });

  test("closing stops everything, once and for all", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const { mic, camera } = local.tracks.get() as unknown as Record<string, Track>;
    local.close();
    local.close();
    expect([mic?.stopped, camera?.stopped, local.tracks.get().mic]).toEqual([true, true, null]);
  });

  test("a page without https is told why", async () => {
    Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: undefined });
    Object.defineProperty(window, "isSecureContext", { configurable: true, value: false });
    const local = new LocalMedia();
    await local.start();
    expect(local.state.get().mic.problem).toBe("insecure");
  });
});
