/** A draft in a component: saved when the page is hidden or left, and a question before unsaved words are thrown away. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { Draft, type DraftOptions, type DraftState } from "./draft";
import { guardDraft } from "./draft-guard";

export interface DraftInUse<T, Agreed> extends DraftState<T, Agreed> {
  change: (value: T) => void;
  flush: () => Promise<void>;
  /** Reads the state after a flush: the values above are those of the last render. */
  read: () => DraftState<T, Agreed>;
}

/** The draft lives as long as the component; `options` are those of its first render. */
export function useDraft<T, Agreed>(options: DraftOptions<T, Agreed>): DraftInUse<T, Agreed> {
  const [draft] = useState(() => new Draft(options));
  const state = useSyncExternalStore(draft.subscribe, draft.read);

  useEffect(() => {
    const endGuard = guardDraft(draft);
    return () => {
      endGuard();
      void draft.flush();
    };
  }, [draft]);

  return { ...state, change: draft.change, flush: draft.flush, read: draft.read };
}
