/** The watchdog on the down connection: reads counters on a timer, asks the pure rules, says when to restart or rebuild. */
import { startWatch, watch } from "../../state/watchdog";
import { pathCounters } from "./statistics";

const SAMPLE_MS = 200;

export interface ReceptionOptions {
  pc: RTCPeerConnection;
  isDue: () => boolean;
  onDoubt: () => void;
  /** So many packets had come when it fell silent. */
  onRestart: (packets: number) => void;
  onRebuild: () => void;
}

/** Watches until the returned function is called. */
export function watchReception({ pc, isDue, onDoubt, onRestart, onRebuild }: ReceptionOptions): () => void {
  let state = startWatch(performance.now());
  let reading = false;
  const sample = async () => {
    if (reading || pc.connectionState === "closed") return;
    reading = true;
    try {
      const counters = await pathCounters(pc);
      const step = watch(state, { nowMs: performance.now(), due: isDue(), ...counters });
      state = step.watch;
      if (step.action === "prove") onDoubt();
      if (step.action === "restart") onRestart(counters.packets);
      if (step.action === "rebuild") onRebuild();
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  return () => clearInterval(timer);
}
