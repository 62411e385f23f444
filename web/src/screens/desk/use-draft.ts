/** A draft in a component: saved when the page is hidden or left, and a question before unsaved words are thrown away. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { Draft, type DraftOptions, type DraftState } from "./draft";
import { guardDraft } from "./draft-guard";
import { leaveDraft, leftDraft, takeUp } from "./left-drafts";
import { useMe } from "./session";

export interface DraftInUse<T, Agreed> extends DraftState<T, Agreed> {
  change: (value: T) => void;
  flush: () => Promise<void>;
  /** Reads the state after a flush: the values above are those of the last render. */
  read: () => DraftState<T, Agreed>;
}

/**
 * The draft of what `path` names lives as long as the component, and until all is saved; `options` are those of its first
 * render. `save` must put what it saved where the page reads it: whoever comes back begins from there.
 */
export function useDraft<T, Agreed>(path: string, options: DraftOptions<T, Agreed>): DraftInUse<T, Agreed> {
  const key = `${useMe().id} ${path}`;
  const [draft] = useState(() => leftDraft<T, Agreed>(key) ?? new Draft(options));
  const state = useSyncExternalStore(draft.subscribe, draft.read);

  useEffect(() => {
    const endGuard = guardDraft(draft);
    takeUp(key);
    if (draft.read().status === "failed") void draft.flush();
    return () => {
      endGuard();
      leaveDraft(key, draft);
    };
  }, [key, draft]);

  return { ...state, change: draft.change, flush: draft.flush, read: draft.read };
}
