/**
 * One seat in one call: the socket, the two media connections and the view of the state, kept together.
 *
 * Views read `view`, `incoming`, `line` and send intents with `request`. What happens to a connection is repaired here
 * without anybody's doing; only what a person can change is shown.
 */
import { emptyCall, receive, sentByOthers, withoutPauses, type CallView, type Push } from "../state/call";
import { isListening, picturesAreDue } from "../state/due";
import { Store, type Readable } from "../state/store";
import { CallSocket, type CallSocketOptions, type SocketStatus } from "./call-socket";
import { Grace } from "./grace";
import { DownConnection, type Incoming } from "./media/down";
import { IceServers } from "./media/ice-servers";
import { LineReports } from "./media/line-reports";
import type { LocalMedia } from "./media/local-media";
import { watchReception } from "./media/reception";
import { TakeOver } from "./media/take-over";
import { fromPolicy, UpConnection, type Send } from "./media/up";
import type { PeerConnection, Source, State } from "./messages.gen";
import type { Problem } from "./problem";
import { afterSilence, Silence, type Heard } from "./silence";
import { Wants } from "./wants";

const STATS_MS = 4_000;
const RESTART_LIMIT_MS = 2_000;
/** A server that sends people to the next has them back by then: nobody needs to know. */
const MOVED_WITHIN_MS = 2_000;
/** A socket that does not answer within this while no media comes either is taken for dead. */
const PROOF_MS = 1_000;
const SOURCES: readonly Source[] = ["mic", "camera", "screen", "screen_audio"];

/** How this device's own line does. */
export type Line = "good" | "away";

export interface CallSessionOptions extends Pick<CallSocketOptions, "ticket" | "resume"> {
  local: LocalMedia;
}

export class CallSession {
  readonly #local: LocalMedia;
  readonly #socket: CallSocket;
  readonly #view = new Store<CallView>(emptyCall);
  readonly #incoming = new Store<ReadonlyMap<string, Incoming>>(new Map());
  readonly #refused = new Store<Problem | null>(null);
  readonly #line = new Store<Line>("good");
  /** Tracks that are shown on while the call moves to another server, though its state does not name them yet. */
  readonly bridged = new Store<ReadonlySet<string>>(new Set());
  readonly #clockSkewMs = new Store(0);
  readonly #iceServers = new IceServers(() => this.request("ice.servers", {}));
  /** The server closes the door and says so: that is no cut, unless it takes too long. */
  readonly #moving = new Grace(MOVED_WITHIN_MS, () => this.#onSocketStatus(this.#socket.status.get()));
  readonly #silence = new Silence((event, data) => this.request(event, data));
  readonly #reports = new LineReports();
  readonly #cleanups: (() => void)[] = [];
  readonly #wants = new Wants({ state: () => (this.#down === null ? null : this.#view.get().state), send: (event, data) => this.request(event, data) });
  #up: UpConnection | null = null;
  #down: DownConnection | null = null;
  #stopWatching: (() => void) | null = null;
  #takeOver: TakeOver | null = null;
  #upRestart: ReturnType<typeof setTimeout> | null = null;
  #restartOwed = false;

  constructor({ local, ticket, resume }: CallSessionOptions) {
    this.#local = local;
    this.#socket = new CallSocket({
      ticket,
      resume,
      onPush: (push) => this.#onPush(push),
      onRefused: (problem) => this.#refused.set(problem),
    });
    this.#cleanups.push(
      local.tracks.subscribe(() => this.#publishAll()),
      local.state.subscribe(() => this.#publishAll()),
      this.#socket.status.subscribe(() => this.#onSocketStatus(this.#socket.status.get())),
    );
    const timer = setInterval(() => void this.#reportStats().catch(() => undefined), STATS_MS);
    this.#cleanups.push(() => clearInterval(timer));
    const onVisibility = () => this.#wants.changed();
    document.addEventListener("visibilitychange", onVisibility);
    this.#cleanups.push(() => document.removeEventListener("visibilitychange", onVisibility));
  }

  get view(): Readable<CallView> {
    return this.#view;
  }

  get incoming(): Readable<ReadonlyMap<string, Incoming>> {
    return this.#incoming;
  }

  get socketStatus(): Readable<SocketStatus> {
    return this.#socket.status;
  }

  /** Why the server will not have this seat, if so. */
  get refused(): Readable<Problem | null> {
    return this.#refused;
  }

  /** Seats whose faces this person wants to see whoever speaks, the first pinned first. */
  get pins(): Readable<readonly string[]> {
    return this.#wants.pins;
  }

  /** Why there is no way in just now, though it is tried again and again. */
  get waitingFor(): Readable<Problem | null> {
    return this.#socket.waitingFor;
  }

  get line(): Readable<Line> {
    return this.#line;
  }

  /** How far the server's clock is ahead of this device's, which may be wrong by minutes. */
  get clockSkewMs(): Readable<number> {
    return this.#clockSkewMs;
  }

  open(): void {
    this.#socket.open();
  }

  /** Sends an intent; throws `Problem`. */
  readonly request: Send = (event, data, timeoutMs) => this.#socket.request(event, data, timeoutMs);

  /** A picture is shown so high (0: out of sight), or, with null, no longer laid out. */
  show(track: string, heightPx: number | null): void {
    this.#wants.show(track, heightPx);
  }

  /** Pins a seat's face, or lets it go. */
  pin(seat: string): void {
    this.#wants.pin(seat);
  }

  /** Goes by own choice. The server's `bye` ends the connection; cut off from it, one goes all the same. */
  async leave(): Promise<void> {
    try {
      await this.request("room.leave", {});
    } catch {
      this.close();
      this.#view.update((view) => receive(view, { event: "bye", data: { code: "left", resume: false } }));
    }
  }

  close(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.#wants.close();
    this.#moving.end();
    this.#dropMedia();
    this.#socket.close();
  }

  #onPush(push: Push): void {
    const before = this.#view.get().state;
    this.#view.update((view) => receive(view, push));
    switch (push.event) {
      case "state":
        this.#onState(push.data, before);
        break;
      case "down.offer":
        this.#down?.answer(push.data).catch(() => this.#rebuildDown());
        break;
      case "up.limit":
        this.#up?.limit(push.data);
        break;
      case "up.restart":
        this.#up?.restart();
        break;
      case "media.reset":
        this.#rebuild(push.data.pc);
        break;
      case "bye":
        if (push.data.resume) this.#moving.begin();
        else this.#dropMedia();
        break;
      default:
        if (this.#view.get().stale) void this.#fetchState();
        else this.#wants.changed();
    }
  }

  #onState(state: State, before: State | null): void {
    this.#clockSkewMs.set(Date.parse(state.now) - Date.now());
    if (state.you.presence !== "connected" || state.you.claiming) {
      this.#dropMedia();
      return;
    }
    if (this.#down === null) void this.#buildMedia(state, state.media.kept);
    else if (!state.media.kept) this.#replaceMedia(state, before);
    else this.#goOn(state);
    this.#wants.changed(true);
  }

  /** The server has neither connection, as after a move to another node. The old ones stay until the new ones flow. */
  #replaceMedia(state: State, before: State | null): void {
    const up = this.#up;
    if (this.#upRestart !== null) clearTimeout(this.#upRestart);
    up?.retire();
    this.#restartOwed = false;
    this.#iceServers.take(state.media);
    this.#up = this.#newUp(state);
    this.#replaceDown(() => up?.close());
    this.bridged.set(before === null ? new Set() : sentByOthers(before));
    this.#publishAll();
  }

  /** The old one stays until the new one flows. */
  #replaceDown(closeToo?: () => void): void {
    this.#endTakeOver();
    const [down, old] = [this.#down, this.#incoming.get()];
    this.#stopWatching?.();
    down?.retire();
    this.#reports.forget();
    this.#down = this.#newDown();
    const show = (incoming: ReadonlyMap<string, Incoming>) => this.#incoming.set(incoming);
    const closeOld = () => {
      down?.close();
      closeToo?.();
    };
    this.#takeOver = new TakeOver({ old, pc: this.#down.pc, show, closeOld, onDone: () => this.#endTakeOver() });
  }

  #endTakeOver(): void {
    this.#takeOver?.close();
    this.#takeOver = null;
    this.bridged.set(new Set());
  }

  /** Back with both connections still there: say what the server may have missed. */
  #goOn({ media }: State): void {
    this.#iceServers.take(media);
    this.#up?.tellAgain();
    const heardBefore = this.#silence.taken();
    if (heardBefore !== null && this.#down !== null) void this.#revive(this.#down, this.#up, heardBefore);
    else if (this.#restartOwed || this.#down?.pc.connectionState === "failed") this.#restartDown("resumed");
  }

  async #fetchState(): Promise<void> {
    try {
      const state = await this.request("state.get", {});
      this.#view.update((view) => receive(view, { event: "state", data: state }));
      this.#wants.changed();
    } catch {
      // The line is away; coming back brings the whole state.
    }
  }

  /** `foreign`: the server still holds connections that this page does not have, as after a reload. */
  async #buildMedia(state: State, foreign: boolean): Promise<void> {
    this.#dropMedia();
    this.#iceServers.take(state.media);
    this.#up = this.#newUp(state);
    this.#down = this.#newDown();
    if (foreign) {
      await Promise.allSettled([this.request("media.reset", { pc: "up" }), this.request("media.reset", { pc: "down" })]);
      this.#view.update(withoutPauses); // what was said meanwhile was said of another connection
    }
    this.#publishAll();
  }

  #newUp({ media, you }: State): UpConnection | null {
    if (you.role === "observer") return null;
    const up: UpConnection = new UpConnection({
      iceServers: () => this.#iceServers.current,
      ...fromPolicy(media.policy),
      send: this.request,
      onPathState: (path) => up === this.#up && this.#onUpPath(path),
    });
    return up;
  }

  #newDown(): DownConnection {
    this.#view.update(withoutPauses);
    const down: DownConnection = new DownConnection({
      iceServers: () => this.#iceServers.current,
      send: this.request,
      onIncoming: (incoming) => (this.#takeOver === null ? this.#incoming.set(incoming) : this.#takeOver.take(incoming)),
      onPathState: (path) => path === "failed" && down === this.#down && this.#restartDown("failed"),
    });
    this.#stopWatching = watchReception({
      pc: down.pc,
      isDue: () => this.#picturesAreDue(),
      isListening: () => this.#socket.status.get() === "open" && isListening(this.#view.get(), (track) => this.#incoming.get().has(track)),
      onDoubt: () => this.#silence.proveSocket(),
      onRestart: (heard) => this.#onSilence(heard),
      onRebuild: () => this.#rebuildDown(),
    });
    return down;
  }

  #picturesAreDue(): boolean {
    if (this.#socket.status.get() !== "open" || document.visibilityState !== "visible") return false;
    return picturesAreDue(this.#view.get(), (track) => this.#isShown(track));
  }

  #isShown(track: string): boolean {
    return this.#incoming.get().has(track) && this.#wants.isShown(track);
  }

  /** Where the socket is as silent, it is made anew, and then the media. */
  #onSilence(heard: Heard): void {
    const reopen = () => {
      this.#silence.begin(heard);
      this.#socket.reopen();
    };
    if (this.#silence.socketProven) this.request("down.restart", { reason: "no_rtp" }, PROOF_MS).catch(reopen);
    else reopen();
  }

  /** What the server has had built anew meanwhile needs nothing more. */
  async #revive(down: DownConnection, up: UpConnection | null, heardBefore: Heard): Promise<void> {
    const due = await afterSilence(down.pc, heardBefore);
    if (due === "nothing") return;
    if (this.#down === down) {
      if (due === "rebuild") this.#rebuildDown();
      else this.#restartDown("resumed");
    }
    if (up === null || this.#up !== up) return;
    if (due === "rebuild") this.#rebuildUp();
    else up.restart();
  }

  /** What cannot be asked for now, because the socket is away as well, is asked for as soon as it is back. */
  #restartDown(reason: string): void {
    this.#restartOwed = false;
    this.request("down.restart", { reason }).catch(() => {
      this.#restartOwed = true;
    });
  }

  #rebuild(pc: PeerConnection): void {
    const { state } = this.#view.get();
    if (state === null) return;
    if (pc === "up") {
      this.#up?.close();
      this.#up = this.#newUp(state);
      this.#publishAll();
    } else {
      this.#replaceDown();
      this.#wants.changed(true);
    }
  }

  /** This side gives the connection up: the server is told first, so that its next offer is for the new one. */
  #rebuildDown(): void {
    this.request("media.reset", { pc: "down" }).then(
      () => this.#rebuild("down"),
      () => {
        this.#restartOwed = true;
      },
    );
  }

  #rebuildUp(): void {
    this.request("media.reset", { pc: "up" }).then(
      () => this.#rebuild("up"),
      () => this.#up?.restart(),
    );
  }

  /** `disconnected` may heal by itself within two seconds; `failed` will not. */
  #onUpPath(path: RTCPeerConnectionState): void {
    if (this.#upRestart !== null) clearTimeout(this.#upRestart);
    this.#upRestart = null;
    if (path === "failed") this.#up?.restart();
    if (path === "disconnected") this.#upRestart = setTimeout(() => this.#up?.restart(), RESTART_LIMIT_MS);
  }

  #publishAll(): void {
    for (const source of SOURCES) this.#up?.publish(source, this.#local.outgoing(source));
  }

  async #reportStats(): Promise<void> {
    if (this.#up === null || this.#down === null || this.#socket.status.get() !== "open") return;
    const stats = await this.#reports.next(this.#up, this.#down, [...this.#incoming.get().values()]);
    if (stats !== null) await this.request("media.stats", stats);
  }

  #onSocketStatus(status: SocketStatus): void {
    if (status === "away" && !this.#moving.isOn) this.#line.set("away");
    if (status !== "open") return;
    this.#moving.end();
    if (this.#line.get() === "away") this.#line.set("good");
  }

  #dropMedia(): void {
    if (this.#upRestart !== null) clearTimeout(this.#upRestart);
    this.#stopWatching?.();
    this.#endTakeOver();
    this.#iceServers.close();
    this.#up?.close();
    this.#down?.close();
    this.#up = this.#down = this.#stopWatching = this.#upRestart = null;
    this.#restartOwed = false;
    this.#silence.forget();
    this.#reports.forget();
    this.#incoming.set(new Map());
  }
}
