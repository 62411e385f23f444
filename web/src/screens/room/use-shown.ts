/** Tells the call how large a picture is shown, as long as it is. */
import { useEffect, type RefObject } from "react";
import { heightNeeded } from "../../state/shown";
import { useCall } from "./call-context";

export function useShown(element: RefObject<HTMLElement | null>, track: string | undefined): void {
  const { session } = useCall();
  useEffect(() => {
    const { current } = element;
    if (current === null || track === undefined) return;
    let inSight = true;
    const tell = () => {
      const size = { width: current.clientWidth, height: current.clientHeight };
      session.show(track, inSight ? heightNeeded(size, devicePixelRatio) : 0);
    };
    const resized = new ResizeObserver(tell);
    const scrolled = new IntersectionObserver((entries) => {
      inSight = entries.at(-1)?.isIntersecting ?? true;
      tell();
    });
    resized.observe(current);
    scrolled.observe(current);
    return () => {
      resized.disconnect();
      scrolled.disconnect();
      session.show(track, null);
    };
  }, [element, session, track]);
}
