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

/** A device that a person, or another program, makes one wait for: each question is answered when the test says so. */
function slowDevices() {
  const questions: { constraints: MediaStreamConstraints; give: (...tracks: Track[]) => void; refuse: (name: string) => void }[] = [];
  const ask = (constraints: MediaStreamConstraints) =>
    new Promise((resolve, reject) => {
      const give = (...tracks: Track[]) => resolve(stream(...tracks));
      const refuse = (name: string) => reject(new DOMException(name, name));
      questions.push({ constraints, give, refuse });
    });
  Object.defineProperty(navigator, "mediaDevices", {
    configurable: true,
    value: Object.assign(new EventTarget(), { getUserMedia: ask, getDisplayMedia: ask, enumerateDevices: async () => [] }),
  });
  return questions;
}

/** Lets everything happen that waits for nothing. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

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

  test("a muted microphone says nothing while the camera is still waited for", async () => {
    sessionStorage.setItem("ieum.muted.mic", "yes");
    const questions = slowDevices();
    const local = new LocalMedia();
    void local.start();
    questions[0]?.refuse("NotReadableError");
    await settled();
    questions[1]?.give(new Track("audio"));
    await settled();
    expect(questions[2]?.constraints.video).toBeTruthy();
    expect(local.outgoing("mic")).toMatchObject({ muted: true, track: { enabled: false } });
  });

  test("a muted microphone that is repaired stays muted", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    await local.setMicMuted(true);
    local.tracks.get().mic?.dispatchEvent(new Event("ended"));
    await local.repair("mic");
    expect(local.outgoing("mic")).toMatchObject({ muted: true, track: { enabled: false } });
    await local.setMicMuted(false);
    expect(local.outgoing("mic")).toMatchObject({ muted: false, track: { enabled: true } });
  });

  test("a chosen device that has gone gives way to another", async () => {
    localStorage.setItem("ieum.device.mic", "gone");
    devices(({ audio }) => {
      const exact = typeof audio === "object" && (audio.deviceId as ConstrainDOMStringParameters | undefined)?.exact;
      return exact === "gone" ? fail("OverconstrainedError") : [audio ? new Track("audio", "other") : new Track("video")];
    });
    const local = new LocalMedia();
    await local.start();
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

describe("a device that comes after the page let it go", () => {
  test("is stopped at once", async () => {
    const questions = slowDevices();
    const local = new LocalMedia();
    void local.start();
    local.close();
    const [mic, camera] = [new Track("audio"), new Track("video")];
    questions[0]?.give(mic, camera);
    await settled();
    expect([mic.stopped, camera.stopped, local.tracks.get().mic, local.state.get().mic.status]).toEqual([true, true, null, "off"]);
  });

  test("is not asked for again when it was refused", async () => {
    const questions = slowDevices();
    const local = new LocalMedia();
    void local.start();
    local.close();
    questions[0]?.refuse("NotReadableError");
    await settled();
    expect(questions).toHaveLength(1);
    expect(local.state.get().mic).toMatchObject({ status: "off", problem: null });
  });

  test("is not asked for after its neighbour", async () => {
    const questions = slowDevices();
    const local = new LocalMedia();
    void local.start();
    questions[0]?.refuse("NotReadableError");
    await settled();
    local.close();
    const mic = new Track("audio");
    questions[1]?.give(mic);
    await settled();
    expect([mic.stopped, questions.length]).toEqual([true, 2]);
  });

  test("belongs to no later check either", async () => {
    const questions = slowDevices();
    const local = new LocalMedia();
    void local.start();
    local.close();
    void local.start();
    const [early, late] = [new Track("audio"), new Track("audio")];
    questions[1]?.give(late, new Track("video"));
    await settled();
    questions[0]?.give(early, new Track("video"));
    await settled();
    expect([early.stopped, late.stopped, local.tracks.get().mic]).toEqual([true, false, late]);
  });

  test.each([
    ["repaired", (local: LocalMedia) => local.repair("mic")],
    ["chosen", (local: LocalMedia) => local.choose("mic", "other")],
    ["switched on", (local: LocalMedia) => local.setCameraOn(true)],
  ])("is stopped also where it was %s", async (_, wish) => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const questions = slowDevices();
    void wish(local);
    local.close();
    const track = new Track("audio");
    questions[0]?.give(track);
    await settled();
    expect([track.stopped, local.tracks.get().mic, local.tracks.get().camera]).toEqual([true, null, null]);
  });

  test("is not replaced by any other", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const questions = slowDevices();
    void local.choose("mic", "gone");
    local.close();
    questions[0]?.refuse("OverconstrainedError");
    await settled();
    expect(questions).toHaveLength(1);
  });

  test("is not opened by a repair that follows", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    local.close();
    const questions = slowDevices();
    void local.repair("camera");
    await settled();
    expect(questions).toHaveLength(0);
  });

  test("is a shared screen too", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const questions = slowDevices();
    const shared = local.shareScreen();
    local.close();
    const [screen, sound] = [new Track("video"), new Track("audio")];
    questions[0]?.give(screen, sound);
    expect(await shared).toBeNull();
    expect([screen.stopped, sound.stopped, local.state.get().screen.sharing]).toEqual([true, true, false]);
  });
});

describe("of several wishes for a device the last one counts", () => {
  test("whichever is answered first", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const questions = slowDevices();
    void local.choose("mic", "first");
    void local.choose("mic", "second");
    const [first, second] = [new Track("audio", "first"), new Track("audio", "second")];
    questions[1]?.give(second);
    await settled();
    questions[0]?.give(first);
    await settled();
    expect([first.stopped, second.stopped, local.state.get().mic.deviceId]).toEqual([true, false, "second"]);
  });

  test("also when it is to have no camera", async () => {
    devices(both);
    const local = new LocalMedia();
    await local.start();
    const questions = slowDevices();
    void local.setCameraOn(true);
    void local.setCameraOn(false);
    const camera = new Track("video");
    questions[0]?.give(camera);
    await settled();
    expect([camera.stopped, local.state.get().camera.status]).toEqual([true, "muted"]);
  });
});
