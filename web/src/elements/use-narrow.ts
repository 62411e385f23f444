/** Whether the window is as narrow as a telephone's, by the same rule as the stylesheets. */
import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 47.99rem)";

export const useNarrow = (): boolean => useSyncExternalStore(watch, () => window.matchMedia(NARROW).matches);

function watch(listener: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
