/** Gives the focus a place when what had it goes away: a notice that was answered, a hand that was lowered. */
import { useEffect, type RefObject } from "react";

/** What vanishes inside `within` while it has the focus leaves the focus to `place`, never to nothing. */
export function useKeptFocus(within: RefObject<HTMLElement | null>, place: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const box = within.current;
    if (box === null) return;
    let last: Element | null = null;
    const onFocus = (event: FocusEvent) => {
      last = event.target as Element;
    };
    const gone = new MutationObserver(() => {
      if (last === null || last.isConnected) return;
      last = null;
      if (document.activeElement === document.body) place.current?.focus();
    });
    box.addEventListener("focusin", onFocus);
    gone.observe(box, { childList: true, subtree: true });
    return () => {
      box.removeEventListener("focusin", onFocus);
      gone.disconnect();
    };
  }, [within, place]);
}
