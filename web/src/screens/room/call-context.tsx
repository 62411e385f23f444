/** What every view of the room reads and sends through: the session, its state, and intents that report their failure. */
import { createContext, use, useCallback, useMemo, type ReactNode } from "react";
import { useAnnouncer } from "../../elements/announcer";
import { useProblemText } from "../../elements/problem";
import { useNow } from "../../elements/use-now";
import { useReadable } from "../../elements/use-readable";
import type { CallSession } from "../../net/call-session";
import type { LocalMedia } from "../../net/media/local-media";
import type { Requests, State } from "../../net/messages.gen";
import { may, type CallView } from "../../state/call";
import type { OwnNotes } from "./own-notes";

/** What the room needs from the page around it, which knows the HTTP API and who is asking. */
export interface RoomResources {
  fetchDocument: (id: string) => Promise<ArrayBuffer>;
  /** Private notes of this person; null for who has none. */
  notes: OwnNotes | null;
  /** The centre's zone, for times. */
  zone: string;
  /** What the page knows of the visit while one waits; null for who has none. */
  visit: { hostRunsLate: boolean; lookAgain: () => void } | null;
}

export interface Call {
  session: CallSession;
  local: LocalMedia;
  resources: RoomResources;
  view: CallView;
  state: State;
  /** May this seat send `event` now? */
  may: (event: keyof Requests) => boolean;
  /** Sends an intent; a refusal is shown as a note. Resolves to whether it was done. */
  send: <Event extends keyof Requests & string>(event: Event, data: Requests[Event]) => Promise<boolean>;
}

const Context = createContext<Call | null>(null);

export function useCall(): Call {
  const call = use(Context);
  if (call === null) throw new Error("this view stands inside a call");
  return call;
}

interface CallProviderProps {
  session: CallSession;
  local: LocalMedia;
  resources: RoomResources;
  view: CallView;
  state: State;
  children: ReactNode;
}

export function CallProvider({ children, ...given }: CallProviderProps) {
  const { session, local, resources, view, state } = given;
  const { note } = useAnnouncer();
  const problemText = useProblemText("room");
  const send = useCallback<Call["send"]>(
    async (event, data) => {
      try {
        await session.request(event, data);
        return true;
      } catch (error) {
        note(problemText(error));
        return false;
      }
    },
    [session, note, problemText],
  );
  const call = useMemo<Call>(
    () => ({ session, local, resources, view, state, send, may: (event) => may(state, event) }),
    [session, local, resources, view, state, send],
  );
  return <Context value={call}>{children}</Context>;
}

/** The devices of this page, as they are now. */
export const useCapture = () => useReadable(useCall().local.state);

/** The time by the server's clock, read anew every `everyMs`. */
export function useCallNow(everyMs: number): number {
  const skewMs = useReadable(useCall().session.clockSkewMs);
  return useNow(everyMs) + skewMs;
}

/** The name of a seat, also of one that has left. */
export const nameOf = (state: State, seat: string): string => state.seats.find((one) => one.seat === seat)?.name ?? "";

/** A new id for what this client creates. */
export const newId = (): string => crypto.randomUUID().replaceAll("-", "");
