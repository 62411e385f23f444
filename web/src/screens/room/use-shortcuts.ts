/** Keys for what is done often, each with Alt, so that no single letter does anything by accident (WCAG 2.1.4). */
import { useEffect, useRef } from "react";
import { newId, useCall } from "./call-context";

/** `event.code`, because Alt changes the letter on some keyboards. Said in the controls by aria-keyshortcuts. */
export const SHORTCUTS = { mic: "Alt+M", camera: "Alt+V", hand: "Alt+H", chat: "Alt+C", bookmark: "Alt+B" } as const;

export function useShortcuts(onChat: () => void): void {
  const call = useCall();
  const act = useRef<Record<string, () => void>>({});
  useEffect(() => {
    const { local, state, send, may } = call;
    const raised = state.seats.some((seat) => seat.seat === state.you.seat && seat.hand_raised_at !== null);
    act.current = {
      KeyM: () => void local.setMicMuted(local.state.get().mic.status === "on"),
      KeyV: () => void local.setCameraOn(local.state.get().camera.status !== "on"),
      KeyH: () => void (raised ? send("hand.lower", {}) : send("hand.raise", {})),
      KeyC: onChat,
      KeyB: () => may("bookmark") && void send("bookmark", { id: newId(), text: null }),
    };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey ? act.current[event.code] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
