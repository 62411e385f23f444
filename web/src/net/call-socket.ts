/**
 * The door to the call: Socket.IO namespace /call, opened with a ticket or a resume token and kept open.
 *
 * Comes back by itself: at once when the network returns or the device wakes, within a second otherwise. Every request is
 * answered or fails with a `Problem`; nothing waits for ever. What the messages mean is not known here.
 */
import { io, type Socket } from "socket.io-client";
import type { Push } from "../state/call";
import { Attempts } from "../state/reconnecting";
import { Store, type Readable } from "../state/store";
import type { Answers, Pushes, Requests } from "./messages.gen";
import { Problem } from "./problem";

const RECONNECT_DELAY_MS = 250;
const RECONNECT_DELAY_MAX_MS = 750;
/** After an attempt that was given up: it waited itself, and nobody was there to be flooded. */
const RECONNECT_DELAY_UNHEARD_MS = 50;
/** Spreads those who lost the same server; with it no wait is longer than a second. */
const RECONNECT_SPREAD = 0.3;
const ANSWER_TIMEOUT_MS = 8_000;
/** A socket that says nothing for so long after a wake-up is taken for dead. */
const PROOF_TIMEOUT_MS = 1_500;

/** Codes after which coming back with the same resume token is useless, but a fresh ticket may help. */
const NEEDS_TICKET = new Set(["resume_invalid", "auth_required", "ticket_invalid"]);
/** Codes for which waiting a little is all there is to do. */
const PASSING = new Set(["restarting", "node_unavailable", "busy", "internal", "unexpected", "too_fast", "nodes_full"]);

export type SocketStatus = "connecting" | "open" | "away" | "refused" | "closed";

export interface CallSocketOptions {
  /** Fetches a fresh single-use ticket from the API. */
  ticket: () => Promise<string>;
  /** The token that brings this page back to its seat, kept through a reload. */
  resume: { load: () => string | null; save: (token: string | null) => void };
  onPush: (push: Push) => void;
  /** The server says no for good: this code is the reason. */
  onRefused: (problem: Problem) => void;
}

type Reply<Event extends keyof Answers> =
  | ({ ok: true } & Answers[Event])
  | { ok: false; error: { code: string; message: string; retry_after_s?: number | null } };

export class CallSocket {
  readonly #socket: Socket;
  readonly #options: CallSocketOptions;
  readonly #status = new Store<SocketStatus>("connecting");
  readonly #waitingFor = new Store<Problem | null>(null);
  #retry: ReturnType<typeof setTimeout> | null = null;
  #ticketsRefused = 0;
  readonly #attempts = new Attempts();
  #beganMs = 0;

  constructor(options: CallSocketOptions) {
    this.#options = options;
    this.#socket = io("/call", {
      transports: ["websocket"],
      autoConnect: false,
      multiplex: false, // the desk's connection comes back in its own time
      reconnectionDelay: RECONNECT_DELAY_MS,
      reconnectionDelayMax: RECONNECT_DELAY_MAX_MS,
      randomizationFactor: RECONNECT_SPREAD,
      auth: (give) => void this.#credentials().then(give, (error: unknown) => this.#giveUp(error)),
    });
    this.#timeAttempts();
    this.#socket.on("connect", () => {
      this.#waitingFor.set(null);
      this.#status.set("open");
    });
    this.#socket.on("connect_error", (error) => this.#onConnectError(error));
    this.#socket.on("disconnect", (reason) => this.#onDisconnect(reason));
    this.#socket.onAny((event: keyof Pushes, data: unknown) => this.#onPush({ event, data } as Push));
    window.addEventListener("online", this.#wake);
    window.addEventListener("pageshow", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
  }

  get status(): Readable<SocketStatus> {
    return this.#status;
  }

  /** Why the server does not let this seat in for the time being; it is asked again and again. */
  get waitingFor(): Readable<Problem | null> {
    return this.#waitingFor;
  }

  open(): void {
    this.#begin();
    this.#socket.connect();
  }

  /** Sends one request; resolves with its answer. Throws `Problem`; `offline` when no answer came in time. */
  async request<Event extends keyof Requests & string>(
    event: Event,
    data: Requests[Event],
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<Answers[Event]> {
    if (!this.#socket.connected) throw new Problem("offline", 0);
    const reply = await this.#socket.timeout(timeoutMs).emitWithAck(event, data).then(
      (value) => value as Reply<Event>,
      () => {
        throw new Problem("offline", 0);
      },
    );
    if (!reply.ok) throw new Problem(reply.error.code, 0, { retry_after_s: reply.error.retry_after_s ?? null });
    const { ok: _, ...answer } = reply;
    return answer as unknown as Answers[Event];
  }

  close(): void {
    if (this.#status.get() === "closed") return;
    this.#status.set("closed");
    if (this.#retry !== null) clearTimeout(this.#retry);
    window.removeEventListener("online", this.#wake);
    window.removeEventListener("pageshow", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#socket.disconnect();
  }

  #timeAttempts(): void {
    const { io: line } = this.#socket;
    line.on("reconnect_attempt", () => this.#begin());
    line.on("open", () => {
      const nowMs = performance.now();
      this.#attempts.succeeded(nowMs, nowMs - this.#beganMs);
      line.reconnectionDelayMax(RECONNECT_DELAY_MAX_MS);
    });
    line.on("error", ({ message }) => {
      this.#attempts.failed(performance.now());
      line.reconnectionDelayMax(message === "timeout" ? RECONNECT_DELAY_UNHEARD_MS : RECONNECT_DELAY_MAX_MS);
    });
  }

  #begin(): void {
    this.#beganMs = performance.now();
    this.#socket.io.timeout(this.#attempts.timeoutMs(this.#beganMs));
  }

  async #credentials(): Promise<{ resume: string } | { ticket: string }> {
    const resume = this.#options.resume.load();
    return resume === null ? { ticket: await this.#options.ticket() } : { resume };
  }

  #onPush(push: Push): void {
    if (push.event === "state" && push.data.resume !== null) {
      this.#ticketsRefused = 0;
      this.#options.resume.save(push.data.resume);
    }
    if (push.event === "bye" && !push.data.resume) this.#options.resume.save(null);
    this.#options.onPush(push);
    if (push.event === "bye" && !push.data.resume) this.close();
  }

  /** The server refused the connection itself, or could not be reached at all. */
  #onConnectError(error: Error & { data?: { code?: string; retry_after_s?: number } }): void {
    if (this.#status.get() === "closed") return;
    this.#status.set("away");
    if (this.#socket.active) return; // a broken line: Socket.IO tries again by itself
    const code = error.data?.code ?? error.message;
    if (NEEDS_TICKET.has(code) && this.#ticketsRefused < 2) {
      if (this.#options.resume.load() === null) this.#ticketsRefused += 1;
      this.#options.resume.save(null);
      this.#tryAgain(0);
    } else if (PASSING.has(code)) {
      this.#waitingFor.set(new Problem(code, 0));
      this.#tryAgain(Math.max(RECONNECT_DELAY_MAX_MS, 1_000 * (error.data?.retry_after_s ?? 0)));
    } else {
      this.#giveUp(new Problem(code, 0));
    }
  }

  #onDisconnect(reason: Socket.DisconnectReason): void {
    if (this.#status.get() === "closed" || this.#status.get() === "refused") return;
    this.#status.set("away");
    // After the server closed it, Socket.IO does not come back by itself.
    if (reason === "io server disconnect") this.#tryAgain(RECONNECT_DELAY_MS);
  }

  #tryAgain(delayMs: number): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), delayMs);
  }

  #giveUp(error: unknown): void {
    if (this.#status.get() === "closed") return;
    const problem = error instanceof Problem ? error : new Problem("unexpected", 0);
    if (problem.code === "offline" || PASSING.has(problem.code) || problem.status >= 500) {
      this.#socket.disconnect();
      this.#status.set("away");
      this.#tryAgain(RECONNECT_DELAY_MAX_MS);
      return;
    }
    this.#status.set("refused");
    this.#socket.disconnect();
    this.#options.onRefused(problem);
  }

  /**
   * The network or the device came back. A socket that seems open may be dead for many seconds of TCP back-off: after
   * `online` it is opened anew at once, after a wake-up when it does not prove itself alive.
   */
  readonly #wake = (event: Event): void => {
    if (this.#status.get() === "closed" || this.#status.get() === "refused") return;
    if (document.visibilityState === "hidden" && event.type !== "online") return;
    if (event.type === "online" || !this.#socket.connected) this.reopen();
    else void this.request("media.stats", {}, PROOF_TIMEOUT_MS).catch((error: unknown) => this.#reopenIfDead(error));
  };

  #reopenIfDead(error: unknown): void {
    if (error instanceof Problem && error.code === "offline" && this.#status.get() !== "closed") this.reopen();
  }

  /** Gives the connection up, alive or not, and makes another. */
  reopen(): void {
    this.#socket.disconnect();
    this.open();
  }
}
