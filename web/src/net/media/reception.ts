/** The watchdog on the down connection: reads counters on a timer, asks the pure rules, says when to restart or rebuild. */
import { startWatch, watch } from "../../state/watchdog";
import type { Heard } from "../silence";
import { pathCounters } from "./statistics";

const SAMPLE_MS = 200;

export interface ReceptionOptions {
  pc: RTCPeerConnection;
  /** Are pictures due? */
  isDue: () => boolean;
  /** Is somebody there of whom something is received? */
  isListening: () => boolean;
  onDoubt: () => void;
  /** This had been heard when it fell silent. */
  onRestart: (heard: Heard) => void;
  onRebuild: () => void;
}

/** Watches until the returned function is called. */
export function watchReception({ pc, isDue, isListening, onDoubt, onRestart, onRebuild }: ReceptionOptions): () => void {
  let state = startWatch(performance.now());
  let reading = false;
  const sample = async () => {
    if (reading || pc.connectionState === "closed") return;
    reading = true;
    try {
      const counters = await pathCounters(pc);
      const step = watch(state, { nowMs: performance.now(), due: isDue(), listening: isListening(), ...counters });
      state = step.watch;
      if (step.action === "prove") onDoubt();
      const of = state.waitsFor === "pictures" ? "packets" : "signs";
      if (step.action === "restart") onRestart({ of, count: counters[of] });
      if (step.action === "rebuild") onRebuild();
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  return () => clearInterval(timer);
}
