/** Drafts whose page was left before all was saved: they are tried again while the server is away, and found by whoever comes back. */
import { isAway } from "../../net/problem";
import type { Draft } from "./draft";
import { guardDraft } from "./draft-guard";

interface Left {
  readonly draft: unknown;
  /** Ends what keeps it going. */
  readonly end: () => void;
}

const left = new Map<string, Left>();

/** The draft that was left under this key, if any of it is unsaved. The key tells one person's drafts, and their kinds, apart. */
export const leftDraft = <T, Agreed>(key: string) => left.get(key)?.draft as Draft<T, Agreed> | undefined;

/** Its page is open again: that looks after it from here on. */
export function takeUp(key: string): void {
  left.get(key)?.end();
  left.delete(key);
}

/** Its page is left: what is unsaved is sent now. What was refused for good is let go. */
export function leaveDraft<T, Agreed>(key: string, draft: Draft<T, Agreed>): void {
  const { status } = draft.read();
  if (status === "saved" || status === "refused") return;
  const endGuard = guardDraft(draft);
  const unsubscribe = draft.subscribe(() => {
    const now = draft.read();
    if (now.status === "saved" || now.status === "refused") takeUp(key);
    // Without a listener it is not tried again. Signed out is a refusal too: the next to sign in may be somebody else.
    else if (now.status === "failed" && !isAway(now.error)) unsubscribe();
  });
  const end = () => {
    endGuard();
    unsubscribe();
  };
  left.set(key, { draft, end });
  void draft.flush();
}
