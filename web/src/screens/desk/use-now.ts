/** The present as a value that moves, so that what a page says about time stays true while it is open. */
import { useSyncExternalStore } from "react";

const STEP_MS = 15_000;

const subscribe = (listener: () => void) => {
  const timer = setInterval(listener, STEP_MS);
  return () => clearInterval(timer);
};

/** Milliseconds since the epoch, moving on every 15 seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / STEP_MS) * STEP_MS);
}
