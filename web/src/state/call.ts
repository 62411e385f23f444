/**
 * The call as this seat may see it: the whole `State`, then one section after another replaced by pushes.
 * Pure; signaling/PROTOCOL.md is the law. A revision that is missed makes the view `stale` until `state.get` answered.
 */
import type { Pushes, SeatView, State } from "../net/messages.gen";
import type { Shown } from "./shown";

export interface CallView {
  state: State | null;
  /** A push was missed: ask for the whole. */
  stale: boolean;
  /** Seats that speak now, loudest first. */
  speakers: readonly string[];
  /** Pictures that are kept back now, mostly because this device's own line does not carry them. */
  paused: readonly string[];
  /** Those of them that the server has no time for: one's own line is not to blame. */
  busy: readonly string[];
  /** Who came to the lobby with the last push; read once, for the sound. */
  arrived: readonly string[];
  /** The last warning of the time that is left. */
  warned: Pushes["room.warn"] | null;
  bye: Pushes["bye"] | null;
}

export const emptyCall: CallView = { state: null, stale: false, speakers: [], paused: [], busy: [], arrived: [], warned: null, bye: null };

export type Push = { [Event in keyof Pushes]: { event: Event; data: Pushes[Event] } }[keyof Pushes];

/** The view after one push. Pushes about media leave it as it is. */
export function receive(view: CallView, push: Push): CallView {
  switch (push.event) {
    case "state":
      return { ...view, state: push.data, stale: false, speakers: push.data.speakers ?? [], arrived: [], bye: null };
    case "speakers":
      return { ...view, speakers: push.data.seats };
    case "down.paused":
      return { ...view, paused: push.data.tracks, busy: push.data.busy ?? [] };
    case "room.warn":
      return { ...view, warned: push.data };
    case "bye":
      return { ...view, bye: push.data };
    case "down.offer":
    case "up.limit":
    case "up.restart":
    case "media.reset":
      return view;
    default:
      return receiveDelta(view, push);
  }
}

/** With a new connection nothing is kept back, until that is said again. */
export const withoutPauses = (view: CallView): CallView => ({ ...view, paused: [], busy: [] });

type Delta = Extract<Push, { data: { rev: number } }>;

function receiveDelta(view: CallView, push: Delta): CallView {
  const { state } = view;
  // Before the first whole state, and for what that state already holds, there is nothing to do.
  if (state === null || push.data.rev <= state.rev) return view;
  if (view.stale || push.data.rev > state.rev + 1) return { ...view, stale: true };
  const next = { ...state, ...section(state, push), rev: push.data.rev };
  return { ...view, state: next, arrived: push.event === "lobby.wait" ? push.data.arrived : view.arrived };
}

function section(state: State, push: Delta): Partial<State> {
  switch (push.event) {
    case "seat.state":
      return { seats: withOne(state.seats, push.data.seat, "seat") };
    case "chat.said":
      return { chat: withOne(state.chat, push.data.line, "id") };
    case "state":
      return push.data;
    case "lobby.wait":
      return { lobby: push.data.lobby };
    default: {
      // Every other push carries exactly the section of the state that it replaces, under the same name.
      const { rev: _, ...sections } = push.data;
      return sections;
    }
  }
}

/** `all` with `one` in the place of its namesake, or at the end. */
function withOne<Item>(all: readonly Item[], one: Item, key: keyof Item): Item[] {
  const at = all.findIndex((item) => item[key] === one[key]);
  return at < 0 ? [...all, one] : all.with(at, one);
}

const PRESENT = new Set<SeatView["presence"]>(["admitted", "connected", "reconnecting"]);

/** Who is in the room, oneself included, in the order of the roster. */
export const present = (state: State): SeatView[] => state.seats.filter((seat) => PRESENT.has(seat.presence));

/** Who is in the room and has not agreed to be recorded in every way, while a recording runs. */
export function recordedNames(state: State): { recorded: string[]; partly: string[]; not: string[] } {
  const names = { recorded: [] as string[], partly: [] as string[], not: [] as string[] };
  for (const seat of present(state)) {
    const of = state.recording.seats.find((entry) => entry.seat === seat.seat);
    const list = of?.sound && of.picture ? names.recorded : of?.sound || of?.picture ? names.partly : names.not;
    list.push(seat.name);
  }
  return names;
}

/** Whether the panel with the order of the conversation has something for this person; staff write in it. */
export const hasOrder = ({ you, agenda, next_steps }: State): boolean => you.staff || agenda.length > 0 || next_steps.length > 0;

/** The tracks this seat wants: everything of everybody else who is in the room, pictures as large as they are shown. */
export function wantedTracks(state: State, shown: Shown, hidden: boolean, pins: readonly string[] = []) {
  return present(state)
    .filter((seat) => seat.seat !== state.you.seat)
    .flatMap((seat) => seat.tracks.map((track) => ({ ...track, pinned: pins.includes(seat.seat) })))
    .map(({ track, source, pinned }) => {
      const picture = source === "camera" || source === "screen";
      const max_height = picture ? (shown.get(track) ?? UNKNOWN_HEIGHT_PX) : 0;
      const visible = !picture || (max_height > 0 && !hidden);
      return { track, max_height, visible, priority: source === "mic" ? 100 : source === "screen" ? 60 : pinned ? 50 : 40 };
    });
}

/** What is seen and heard of others now: through a move to another server it stays, though that one does not know it yet. */
export const sentByOthers = (state: State): ReadonlySet<string> =>
  new Set(
    present(state)
      .filter((seat) => seat.seat !== state.you.seat && seat.presence === "connected")
      .flatMap((seat) => seat.tracks.filter(({ muted }) => !muted).map(({ track }) => track)),
  );

/** Of a picture that is not laid out yet: enough to begin with. */
const UNKNOWN_HEIGHT_PX = 360;

/** The devices of a seat of which nothing reaches the server though it should. Never what is muted. */
export const stalledInputs = (seat: SeatView): ("mic" | "camera")[] =>
  (["mic", "camera"] as const).filter((input) => seat.tracks.some((track) => track.source === input && track.stalled));

/** May this seat send `event` now? The server says so and judges again. */
export const may = (state: State, event: string): boolean => state.you.may.includes(event);
