/**
 * Notices a dead media path long before ICE does (Chromium: 7.7–8 s) and says what to do. Pure: fed with counters and a clock.
 *
 * No packet for 0.4 s where packets are due: let the socket prove itself, for with another address of this device both
 * are dead and nobody says so. No packet for a second: restart ICE. Not back 2 s later and no STUN answer
 * either: a new peer connection. STUN answers without packets mean that the sender, not the path, is silent: wait.
 */

export const DOUBTED_MS = 400;
export const SILENT_MS = 1_000;
export const RESTART_MS = 2_000;
/** After a restart that found a living path, so long is the next one away. */
export const PATIENCE_MS = 10_000;

export interface PathSample {
  nowMs: number;
  /** All RTP packets received so far. */
  packets: number;
  /** All STUN responses received so far. */
  responses: number;
  /** Does the server say that somebody is sending to us? Never true for muted or paused tracks alone. */
  due: boolean;
}

export interface Watch {
  phase: "flowing" | "doubted" | "restarting" | "waiting";
  packets: number;
  responses: number;
  /** When this phase began, or, flowing and doubted, when the last packet came. */
  sinceMs: number;
}

export type WatchAction = "none" | "prove" | "restart" | "rebuild";

export const startWatch = (nowMs: number): Watch => ({ phase: "flowing", packets: -1, responses: 0, sinceMs: nowMs });

export function watch(before: Watch, sample: PathSample): { watch: Watch; action: WatchAction } {
  const { nowMs, packets, responses } = sample;
  const begin = (phase: Watch["phase"]): Watch => ({ phase, packets, responses, sinceMs: nowMs });
  if (packets > before.packets || !sample.due) return { watch: begin("flowing"), action: "none" };
  const waitedMs = nowMs - before.sinceMs;
  const flowed = before.phase === "flowing" || before.phase === "doubted";
  if (flowed && waitedMs >= SILENT_MS) return { watch: begin("restarting"), action: "restart" };
  if (before.phase === "flowing" && waitedMs >= DOUBTED_MS) return { watch: { ...before, phase: "doubted" }, action: "prove" };
  if (before.phase === "restarting" && waitedMs >= RESTART_MS) {
    return responses > before.responses
      ? { watch: begin("waiting"), action: "none" }
      : { watch: begin("waiting"), action: "rebuild" };
  }
  if (before.phase === "waiting" && waitedMs >= PATIENCE_MS) return { watch: begin("restarting"), action: "restart" };
  return { watch: before, action: "none" };
}
