/**
 * Notices a dead media path long before ICE does (Chromium: 7.7–8 s) and says what to do. Pure: fed with counters and a clock.
 *
 * No packet for 0.4 s where pictures are due: let the socket prove itself, for with another address of this device both
 * are dead and nobody says so. No packet for a second: restart ICE. Not back 2 s later and no STUN answer
 * either: a new peer connection. STUN answers without packets mean that the sender, not the path, is silent: wait.
 *
 * Where no picture is due, as with all cameras off or in a hidden page, there are other signs: a silent voice is a packet in
 * 0.4 s, and the server reports every second. They are waited for where they have come steadily, and longer than pictures.
 */

/** After so much silence the socket is to prove itself, or the path is restarted. */
const PICTURES = { doubtedMs: 400, silentMs: 1_000 };
const SIGNS = { doubtedMs: 1_500, silentMs: 3_000 };
export const RESTART_MS = 2_000;
/** After a restart that found a living path, so long is the next one away. */
export const PATIENCE_MS = 10_000;
/** Signs are steady after so many with no longer pause between them: less than between a browser's own checks of a path. */
const STEADY_AFTER = 5;
const STEADY_MS = 2_000;
/** So much silence may be seen at one look, though it come late; a hidden page looks once in a second. */
const LOOK_MS = 900;

export interface PathSample {
  nowMs: number;
  /** All RTP packets received so far. */
  packets: number;
  /** Of all that is received, reports and answered checks too: whether it changes is what matters. */
  signs: number;
  /** All STUN responses received so far. */
  responses: number;
  /** Does the server say that somebody is sending pictures to us? Never true for muted or paused tracks alone. */
  due: boolean;
  /** Is somebody there of whom we receive something, be it silence? */
  listening: boolean;
}

export interface Watch {
  phase: "flowing" | "doubted" | "restarting" | "waiting";
  packets: number;
  signs: number;
  responses: number;
  /** When this phase began, or, flowing and doubted, when last came what is waited for. */
  sinceMs: number;
  waitsFor: "pictures" | "signs" | null;
  /** Signs in a row without a long pause, and when the last one came. */
  steady: number;
  signMs: number;
  lookedMs: number;
}

export type WatchAction = "none" | "prove" | "restart" | "rebuild";

export const startWatch = (nowMs: number): Watch => ({
  phase: "flowing",
  packets: -1,
  signs: -1,
  responses: 0,
  sinceMs: nowMs,
  waitsFor: null,
  steady: 0,
  signMs: nowMs,
  lookedMs: nowMs,
});

export function watch(before: Watch, sample: PathSample): { watch: Watch; action: WatchAction } {
  const looked = withSigns(withoutUnseen(before, sample.nowMs), sample);
  const { waitsFor } = looked;
  const { nowMs, packets, responses } = sample;
  const begin = (phase: Watch["phase"]): Watch => ({ ...looked, phase, packets, responses, sinceMs: nowMs });
  const flowed = before.phase === "flowing" || before.phase === "doubted";
  const came = waitsFor === "pictures" ? packets > before.packets : sample.signs !== before.signs;
  if (came || waitsFor === null || (flowed && waitsFor !== before.waitsFor)) return { watch: begin("flowing"), action: "none" };
  const waitedMs = nowMs - looked.sinceMs;
  const { doubtedMs, silentMs } = waitsFor === "pictures" ? PICTURES : SIGNS;
  if (flowed && waitedMs >= silentMs) return { watch: begin("restarting"), action: "restart" };
  if (before.phase === "flowing" && waitedMs >= doubtedMs) return { watch: { ...looked, phase: "doubted" }, action: "prove" };
  if (before.phase === "restarting" && waitedMs >= RESTART_MS) {
    return responses > before.responses
      ? { watch: begin("waiting"), action: "none" }
      : { watch: begin("waiting"), action: "rebuild" };
  }
  if (before.phase === "waiting" && waitedMs >= PATIENCE_MS) return { watch: begin("restarting"), action: "restart" };
  return { watch: looked, action: "none" };
}

/** A device that was busy or asleep did not look: what it did not see is no silence. */
function withoutUnseen(before: Watch, nowMs: number): Watch {
  const unseenMs = Math.max(0, nowMs - before.lookedMs - LOOK_MS);
  return { ...before, sinceMs: before.sinceMs + unseenMs, signMs: before.signMs + unseenMs, lookedMs: nowMs };
}

function withSigns(before: Watch, { nowMs, signs, due, listening }: PathSample): Watch {
  const came = signs !== before.signs;
  const inTime = nowMs - before.signMs <= STEADY_MS;
  const steady = !came ? before.steady : inTime ? before.steady + 1 : 0;
  const waitsFor = due ? "pictures" : listening && steady >= STEADY_AFTER ? "signs" : null;
  return { ...before, signs, steady, signMs: came ? nowMs : before.signMs, waitsFor };
}
