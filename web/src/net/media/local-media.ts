/**
 * The devices of this page: microphone, camera, shared screen. Knows the browser's media API and nothing of the call.
 *
 * Nothing here throws: what goes wrong becomes a `problem` in the state, each with its own words and one way to repair it.
 */
import {
  captureProblem,
  emptyCapture,
  keptDevice,
  type CaptureProblem,
  type CaptureState,
  type DeviceChoice,
} from "../../state/capture";
import { Store, type Readable } from "../../state/store";
import type { Source } from "../messages.gen";
import type { Outgoing } from "./up";

type Input = "mic" | "camera";
/** Whether what was asked for is still wanted. The answer may take seconds; by then the page may have let its devices go. */
type Wanted = () => boolean;
type Tracks = Readonly<Record<Source, MediaStreamTrack | null>>;

const KEPT_DEVICE_KEY = "ieum.device.";
/** Muted before a reload, or before another device, is muted after it. */
const KEPT_MUTED_KEY = "ieum.muted.";
const NO_TRACKS: Tracks = { mic: null, camera: null, screen: null, screen_audio: null };

const VOICE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } };

/** What getDisplayMedia knows and TypeScript's library does not yet (W3C screen-capture). */
interface ScreenOptions extends DisplayMediaStreamOptions {
  selfBrowserSurface: "exclude";
  surfaceSwitching: "include";
  systemAudio: "include";
}
const SCREEN: ScreenOptions = {
  video: { frameRate: { max: 15 } },
  // Voice processing would tear music apart; the sound of this very page stays out, or everybody hears themselves.
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, restrictOwnAudio: true } as MediaTrackConstraints,
  selfBrowserSurface: "exclude",
  surfaceSwitching: "include",
  systemAudio: "include",
};

export class LocalMedia {
  readonly #state = new Store<CaptureState>(emptyCapture);
  readonly #tracks = new Store<Tracks>(NO_TRACKS);
  /** Counts what was wished of each: an answer to an earlier wish is stopped as it comes, for nobody else would do it. */
  readonly #wishes = { mic: 0, camera: 0, screen: 0 };
  #closed = true;

  get state(): Readable<CaptureState> {
    return this.#state;
  }

  get tracks(): Readable<Tracks> {
    return this.#tracks;
  }

  /** What to send as `source` just now. */
  outgoing(source: Source): Outgoing {
    const track = this.#tracks.get()[source];
    if (source === "mic" || source === "camera") return { track, muted: this.#state.get()[source].status !== "on" };
    return { track, muted: track === null };
  }

  /** Asks for microphone and camera with one question; what one lacks does not take the other away. */
  async start(): Promise<void> {
    if (!this.#supported()) return;
    if (this.#closed) navigator.mediaDevices.addEventListener("devicechange", this.#onDeviceChange);
    this.#closed = false;
    const picture = !wasMuted("camera");
    const wanted = { mic: this.#wish("mic"), camera: this.#wish("camera") };
    this.#setInput("mic", { status: "starting", problem: null });
    this.#setInput("camera", { status: picture ? "starting" : "muted", problem: null });
    try {
      const video = picture && this.#constraints("camera");
      const stream = await navigator.mediaDevices.getUserMedia({ audio: this.#constraints("mic"), video });
      this.#take("mic", stream.getAudioTracks()[0], wanted.mic);
      if (picture) this.#take("camera", stream.getVideoTracks()[0], wanted.camera);
    } catch {
      if (wanted.mic()) await this.#capture("mic");
      if (picture && wanted.camera()) await this.#capture("camera");
    }
    await this.#listDevices();
  }

  async setMicMuted(muted: boolean): Promise<void> {
    keepMuted("mic", muted);
    const track = this.#tracks.get().mic;
    if (track === null) {
      if (!muted) await this.#capture("mic");
      return;
    }
    track.enabled = !muted;
    this.#setInput("mic", { status: muted ? "muted" : "on" });
  }

  /** Off means off: the device is let go and its light goes out. */
  async setCameraOn(on: boolean): Promise<void> {
    keepMuted("camera", !on);
    if (on) return this.#capture("camera");
    this.#wishes.camera += 1;
    this.#drop("camera");
    this.#setInput("camera", { status: "muted", problem: null });
  }

  /** Takes this device from now on, in the call too. */
  async choose(input: Input, deviceId: string): Promise<void> {
    localStorage.setItem(KEPT_DEVICE_KEY + input, deviceId);
    if (input === "camera" && this.#state.get().camera.status === "muted") return this.#setInput("camera", { deviceId });
    await this.#capture(input);
  }

  chooseSpeaker(speakerId: string): void {
    localStorage.setItem(`${KEPT_DEVICE_KEY}speaker`, speakerId);
    this.#state.update((state) => ({ ...state, speakerId }));
  }

  /** The one repair of every device problem: ask again. */
  async repair(input: Input): Promise<void> {
    await this.#capture(input);
    await this.#listDevices();
  }

  /** Resolves to the problem if there is one; closing the browser's own chooser is none. */
  async shareScreen(): Promise<CaptureProblem | null> {
    if (typeof navigator.mediaDevices?.getDisplayMedia !== "function") return "unsupported";
    const wanted = this.#stillWanted("screen");
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(SCREEN);
      if (!wanted()) return stopAll(stream);
      const [screen, sound] = [stream.getVideoTracks()[0] ?? null, stream.getAudioTracks()[0] ?? null];
      screen?.addEventListener("ended", () => this.stopScreen());
      this.#tracks.update((tracks) => ({ ...tracks, screen, screen_audio: sound }));
      this.#state.update((state) => ({ ...state, screen: { sharing: true, withSound: sound !== null } }));
      return null;
    } catch (error) {
      const problem = captureProblem((error as DOMException).name);
      return problem === "denied" ? null : problem;
    }
  }

  stopScreen(): void {
    const { screen, screen_audio } = this.#tracks.get();
    screen?.stop();
    screen_audio?.stop();
    this.#tracks.update((tracks) => ({ ...tracks, screen: null, screen_audio: null }));
    this.#state.update((state) => ({ ...state, screen: { sharing: false, withSound: false } }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const input of ["mic", "camera", "screen"] as const) this.#wishes[input] += 1;
    navigator.mediaDevices?.removeEventListener("devicechange", this.#onDeviceChange);
    for (const track of Object.values(this.#tracks.get())) track?.stop();
    this.#tracks.set(NO_TRACKS);
    this.#state.set(emptyCapture);
  }

  async #capture(input: Input): Promise<void> {
    if (!this.#supported() || this.#closed) return;
    const wanted = this.#wish(input);
    this.#setInput(input, { status: "starting", problem: null });
    try {
      this.#take(input, await this.#ask(input, this.#constraints(input), wanted), wanted);
    } catch (error) {
      if (!wanted()) return;
      this.#drop(input);
      this.#setInput(input, { status: "off", problem: captureProblem((error as DOMException).name) });
    }
  }

  /** The device that was chosen may have left with its dock: then any will do. */
  async #ask(input: Input, constraints: MediaTrackConstraints, wanted: Wanted): Promise<MediaStreamTrack | undefined> {
    const get = async (wish: MediaTrackConstraints) =>
      (await navigator.mediaDevices.getUserMedia(input === "mic" ? { audio: wish } : { video: wish })).getTracks()[0];
    try {
      return await get(constraints);
    } catch (error) {
      const isGone = constraints.deviceId !== undefined && captureProblem((error as DOMException).name) === "constraint";
      if (!isGone || !wanted()) throw error;
      return get(input === "mic" ? VOICE : PICTURE);
    }
  }

  /** A new wish, which makes every earlier one void. */
  #wish(input: Input): Wanted {
    this.#wishes[input] += 1;
    return this.#stillWanted(input);
  }

  #stillWanted(input: Input | "screen"): Wanted {
    const number = this.#wishes[input];
    return () => !this.#closed && number === this.#wishes[input];
  }

  #constraints(input: Input): MediaTrackConstraints {
    const kept = localStorage.getItem(KEPT_DEVICE_KEY + input);
    const base = input === "mic" ? VOICE : PICTURE;
    return kept === null ? base : { ...base, deviceId: { exact: kept } };
  }

  #take(input: Input, track: MediaStreamTrack | undefined, wanted: Wanted): void {
    if (!wanted()) return track?.stop();
    if (track === undefined) return this.#setInput(input, { status: "off", problem: "none" });
    this.#drop(input);
    const isCurrent = () => this.#tracks.get()[input] === track;
    track.addEventListener("ended", () => isCurrent() && this.#lose(input));
    // The system took the device away for a while, e.g. for a phone call on iOS.
    track.addEventListener("mute", () => isCurrent() && this.#setInput(input, { problem: "interrupted" }));
    track.addEventListener("unmute", () => isCurrent() && this.#setInput(input, { problem: null }));
    // Here and not later: a microphone that was muted must not be heard for a moment.
    const muted = input === "mic" && wasMuted("mic");
    track.enabled = !muted;
    this.#tracks.update((tracks) => ({ ...tracks, [input]: track }));
    this.#setInput(input, { status: muted ? "muted" : "on", problem: null, deviceId: track.getSettings().deviceId ?? null });
  }

  #lose(input: Input): void {
    this.#drop(input);
    this.#setInput(input, { status: "off", problem: "unplugged" });
  }

  #drop(input: Input): void {
    this.#tracks.get()[input]?.stop();
    this.#tracks.update((tracks) => ({ ...tracks, [input]: null }));
  }

  #setInput(input: Input, change: Partial<CaptureState[Input]>): void {
    this.#state.update((state) => ({ ...state, [input]: { ...state[input], ...change } }));
  }

  #supported(): boolean {
    if (navigator.mediaDevices !== undefined) return true;
    const problem = window.isSecureContext ? "unsupported" : "insecure";
    this.#setInput("mic", { status: "off", problem });
    this.#setInput("camera", { status: "off", problem });
    return false;
  }

  async #listDevices(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const of = (kind: MediaDeviceKind): DeviceChoice[] =>
      all.filter((device) => device.kind === kind && device.deviceId !== "").map(({ deviceId, label }) => ({ id: deviceId, label }));
    const speakers = of("audiooutput");
    const speakerId = keptDevice(speakers, localStorage.getItem(`${KEPT_DEVICE_KEY}speaker`));
    this.#state.update((state) => ({ ...state, mics: of("audioinput"), cameras: of("videoinput"), speakers, speakerId }));
  }

  readonly #onDeviceChange = () => void this.#listDevices();
}

const wasMuted = (input: Input): boolean => sessionStorage.getItem(KEPT_MUTED_KEY + input) === "yes";
const keepMuted = (input: Input, muted: boolean): void => sessionStorage.setItem(KEPT_MUTED_KEY + input, muted ? "yes" : "no");

function stopAll(stream: MediaStream): null {
  for (const track of stream.getTracks()) track.stop();
  return null;
}
