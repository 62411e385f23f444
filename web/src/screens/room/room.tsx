/** One seat's way through the call: connecting, the lobby, the room, and word of why it ended. */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../elements/card";
import { Page, PageTitle, Loading, type CentreContact } from "../../elements/page";
import { useReadable } from "../../elements/use-readable";
import { CallSession } from "../../net/call-session";
import type { LocalMedia } from "../../net/media/local-media";
import { CallProvider, type RoomResources } from "./call-context";
import { Lobby } from "./lobby";
import { Stage } from "./stage";

/** How it ended: a code of the protocol, and the host's word if there was one. */
export interface Over {
  code: string;
  reason: string | null;
}

export interface RoomProps {
  local: LocalMedia;
  resources: RoomResources;
  centre: CentreContact;
  /** Fetches a fresh ticket for this seat. */
  ticket: () => Promise<string>;
  /** Where the resume token of this seat is kept for a reload. */
  resumeKey: string;
  onOver: (over: Over) => void;
}

export default function Room({ local, resources, centre, ticket, resumeKey, onOver }: RoomProps) {
  const { notes } = resources;
  const session = useSession({ local, ticket, resumeKey });
  useEffect(() => {
    notes?.enter();
    return () => notes?.leave();
  }, [notes]);
  if (session === null) return <Connecting centre={centre} />;
  return <Seat session={session} local={local} resources={resources} centre={centre} onOver={onOver} />;
}

/** The session lives exactly as long as the room is on the screen. */
function useSession({ local, ticket, resumeKey }: Pick<RoomProps, "local" | "ticket" | "resumeKey">): CallSession | null {
  const [session, setSession] = useState<CallSession | null>(null);
  const fetchTicket = useRef(ticket);
  useEffect(() => {
    fetchTicket.current = ticket;
  }, [ticket]);
  useEffect(() => {
    const resume = {
      load: () => sessionStorage.getItem(resumeKey),
      save: (token: string | null) =>
        token === null ? sessionStorage.removeItem(resumeKey) : sessionStorage.setItem(resumeKey, token),
    };
    const opened = new CallSession({ local, resume, ticket: () => fetchTicket.current() });
    opened.open();
    // The socket is opened by being shown, and closed again.
    setSession(opened);
    return () => opened.close();
  }, [local, resumeKey]);
  return session;
}

type SeatProps = Pick<RoomProps, "local" | "resources" | "centre" | "onOver"> & { session: CallSession };

function Seat({ session, local, resources, centre, onOver }: SeatProps) {
  const view = useReadable(session.view);
  const refused = useReadable(session.refused);
  const over = useRef(onOver);
  useEffect(() => {
    over.current = onOver;
  }, [onOver]);
  useEffect(() => {
    if (view.bye !== null && !view.bye.resume) over.current({ code: view.bye.code, reason: view.bye.reason ?? null });
  }, [view.bye]);
  useEffect(() => {
    if (refused !== null) over.current({ code: refused.code, reason: null });
  }, [refused]);
  const waitingFor = useReadable(session.waitingFor);
  if (view.state === null) return <Connecting centre={centre} full={waitingFor?.code === "nodes_full"} />;
  const inside = view.state.you.presence === "connected" && !view.state.you.claiming;
  return (
    <CallProvider session={session} local={local} resources={resources} view={view} state={view.state}>
      {inside ? <Stage /> : <Lobby />}
    </CallProvider>
  );
}

/** `full`: no place for conversations is free just now. Said as it is; the page goes on by itself. */
export function Connecting({ centre, full = false }: { centre: CentreContact; full?: boolean }) {
  const { t } = useTranslation("room");
  if (!full) {
    return (
      <Page centre={centre}>
        <Loading text={t("connecting")} />
      </Page>
    );
  }
  return (
    <Page centre={centre}>
      <PageTitle>{t("full.title")}</PageTitle>
      <Card>
        <p role="status">{t("full.body")}</p>
        <p>{t("full.kept")}</p>
        <Loading text={t("full.trying")} />
      </Card>
    </Page>
  );
}
