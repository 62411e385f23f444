/** What is said aloud, heard and noted when something happens in the room: arrivals, recording, hands, chat, time. */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnnouncer } from "../../elements/announcer";
import { playArrival } from "../../net/media/sound";
import { nameOf, useCall } from "./call-context";

const BLINK_MS = 1_000;
const REMIND_MS = 30_000;

/** Calls `onChange` with the new and the old value whenever the value is another one; not the first time. */
function useChange<Value>(value: Value, onChange: (now: Value, before: Value) => void): void {
  const before = useRef(value);
  const call = useRef(onChange);
  useEffect(() => {
    call.current = onChange;
  });
  useEffect(() => {
    const old = before.current;
    before.current = value;
    if (!Object.is(old, value)) call.current(value, old);
  }, [value]);
}

/** Notes that go with the room: what was said in it is not for whoever sees the next page. */
function useNews(): (text: string) => void {
  const { note } = useAnnouncer();
  const shown = useRef<(() => void)[]>([]);
  useEffect(() => () => shown.current.forEach((takeAway) => takeAway()), []);
  return (text) => shown.current.push(note(text));
}

export function useHappenings({ chatIsOpen }: { chatIsOpen: boolean }): void {
  const { t } = useTranslation("room");
  const { state, view } = useCall();
  const { say } = useAnnouncer();
  const note = useNews();
  const { you } = state;

  useChange(state.seats, (now, before) => {
    const old = new Map(before.map((seat) => [seat.seat, seat]));
    for (const seat of now) {
      const was = old.get(seat.seat);
      if (seat.seat === you.seat) continue;
      if (seat.presence === "connected" && was?.presence !== "connected" && was?.presence !== "reconnecting") {
        say(t("said.joined", { name: seat.name }));
      }
      if (seat.presence === "left" && was?.presence !== "left") say(t("said.left", { name: seat.name }));
      if (seat.hand_raised_at !== null && !was?.hand_raised_at && you.staff) note(t("said.hand", { name: seat.name }));
    }
  });
  useChange(state.recording.status, (now) => {
    if (now === "recording") note(t("said.recording_started"));
    if (now === "stopped") note(t("said.recording_stopped"));
    if (now === "failed") note(t("said.recording_failed"));
  });
  useChange(state.room.locked, (locked) => say(t(locked ? "said.locked" : "said.unlocked")));
  useChange(state.chat, (now) => {
    const last = now.at(-1);
    if (last === undefined || last.seat === you.seat || last.marked) return;
    const text = t("said.chat", { name: last.name, text: last.text.slice(0, 120) });
    if (chatIsOpen) say(text);
    else note(text);
  });
  useChange(view.warned, (warned) => {
    if (warned !== null && you.staff) note(t(warned.next_starts_at === null ? "said.minutes_left" : "said.minutes_left_next", { count: warned.minutes }));
  });
  useChange(state.shown?.document ?? null, (document) => {
    if (document !== null && state.shown !== null) say(t("said.document", { name: nameOf(state, state.shown.by), title: state.shown.title }));
  });
  useArrivals();
}

/** Each arrival at the door is heard; the window's name blinks and the sound repeats until somebody answers. */
function useArrivals(): void {
  const { t } = useTranslation("room");
  const { view, state, local, may } = useCall();
  const { say } = useAnnouncer();
  const waiting = may("lobby.admit") ? state.lobby.length : 0;
  useChange(view.arrived, (arrived) => {
    for (const seat of arrived) {
      const entry = state.lobby.find((one) => one.seat === seat);
      if (entry !== undefined) say(t("lobby.waits", { name: entry.name }));
    }
    if (arrived.length > 0) void playArrival(local.state.get().speakerId);
  });
  useEffect(() => {
    if (waiting === 0) return;
    const title = document.title;
    let on = false;
    const blink = setInterval(() => {
      on = !on;
      document.title = on ? t("lobby.title_blink", { count: waiting }) : title;
    }, BLINK_MS);
    const remind = setInterval(() => void playArrival(local.state.get().speakerId), REMIND_MS);
    return () => {
      clearInterval(blink);
      clearInterval(remind);
      document.title = title;
    };
  }, [waiting, t, local]);
}

/** How many chat lines of others came since the chat was last open. */
export function useUnread(chatIsOpen: boolean): number {
  const { state } = useCall();
  const others = state.chat.filter((line) => line.seat !== state.you.seat).length;
  const [read, setRead] = useState(others);
  if (chatIsOpen && read !== others) setRead(others);
  return Math.max(0, others - read);
}
