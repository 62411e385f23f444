/** Unsaved words are sent when the page is hidden, and whoever closes it is asked before they are thrown away. */
import type { Draft } from "./draft";

/** Stands beside the draft until the function it returns is called. */
export function guardDraft(draft: Pick<Draft<unknown, unknown>, "read" | "flush">): () => void {
  const whenHidden = () => document.visibilityState === "hidden" && void draft.flush();
  const beforeLeaving = (event: BeforeUnloadEvent) => {
    if (draft.read().status !== "saved") event.preventDefault();
  };
  document.addEventListener("visibilitychange", whenHidden);
  window.addEventListener("beforeunload", beforeLeaving);
  return () => {
    document.removeEventListener("visibilitychange", whenHidden);
    window.removeEventListener("beforeunload", beforeLeaving);
  };
}
