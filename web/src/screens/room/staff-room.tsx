/** The door of the room for staff: the appointment, one's devices, and in. A reload leads straight back to the seat. */
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, useLocation, useParams } from "wouter";
import { Button, ButtonLink } from "../../elements/button";
import { Card } from "../../elements/card";
import { Loading, Page, PageTitle, type CentreContact } from "../../elements/page";
import { ProblemBanner, useProblemText } from "../../elements/problem";
import { dayOf, spanOf } from "../../locales/dates";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { LocalMedia } from "../../net/media/local-media";
import { asProblem, Problem } from "../../net/problem";
import { hasSeat, readForSeat, seatKey } from "../../net/seat";
import { bytesOf } from "../../net/visit";
import { guestsOf, peopleText } from "../appointments/queries";
import { DeviceChoices } from "../join/device-choices";
import { hasWebRtc, NoWebRtc } from "../join/in-app";
import { InputHelp } from "../join/input-help";
import { OwnPicture } from "../join/own-picture";
import type { RoomResources } from "./call-context";
import { ownNotes } from "./own-notes";
import Room, { type Over } from "./room";

type AppointmentCard = components["schemas"]["AppointmentCard"];

/** All that the door needs of the appointment and of whoever stands before it. */
interface Door {
  person: string;
  zone: string;
  centre: CentreContact;
  card: Pick<AppointmentCard, "id" | "kind" | "title" | "starts_at" | "ends_at"> & { guests: string[] };
}

async function readDoor(id: string): Promise<Door> {
  const { id: person, tenant } = await answer(api.GET("/api/session"));
  const card = await answer(api.GET("/api/appointments/{appointment_id}", { params: { path: { appointment_id: id } } }));
  const { kind, title, starts_at, ends_at } = card;
  return { person, zone: tenant.zone, centre: { name: tenant.name, phone: tenant.phone }, card: { id, kind, title, starts_at, ends_at, guests: guestsOf(card).map(({ name }) => name) } };
}

/** Endings after which the host's own page about this conversation is next. */
const OVER_FOR_GOOD: readonly string[] = ["left", "call_ended", "appointment_ended"];

export default function StaffRoom() {
  const { id = "" } = useParams<{ id: string }>();
  if (!hasWebRtc()) return <NoWebRtc staff />;
  return <Way key={id} id={id} />;
}

function Way({ id }: { id: string }) {
  const { t } = useTranslation();
  const [found, setFound] = useState<Door | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let gone = false;
    readForSeat(id, () => readDoor(id)).then(
      (door) => !gone && setFound(door),
      (cause: unknown) => !gone && setError(cause),
    );
    return () => {
      gone = true;
    };
  }, [id]);
  // Signed out: the appointment's page asks for the sign-in and leads back here.
  if (error !== null && asProblem(error).status === 401) return <Redirect to={`/desk/appointments/${id}`} replace />;
  if (found !== null) return <StaffDoor {...found} />;
  return (
    <Page staff>
      {error === null ? <Loading /> : <><PageTitle>{t("page.failed")}</PageTitle><ProblemBanner area="room" error={error} /></>}
    </Page>
  );
}

function StaffDoor({ person, zone, centre, card }: Door) {
  const [, go] = useLocation();
  const local = useLocalMedia();
  const [inside, setInside] = useState(() => hasSeat(card.id));
  const [over, setOver] = useState<Over | null>(null);
  const resources = useResources(person, card.id, zone);
  useEffect(() => {
    if (local.state.get().mic.status === "off") void local.start();
  }, [local]);
  const onOver = (ending: Over) => {
    local.close();
    if (OVER_FOR_GOOD.includes(ending.code)) go(`/desk/appointments/${card.id}/after`, { replace: true });
    else setOver(ending);
  };
  const enter = () => {
    if (over !== null) void local.start();
    setOver(null);
    setInside(true);
  };
  if (over !== null) return <Ended over={over} card={card} centre={centre} onAgain={enter} />;
  if (!inside) return <Ready card={card} zone={zone} centre={centre} local={local} onEnter={enter} />;
  const ticket = async () =>
    (await answer(api.POST("/api/appointments/{appointment_id}/join", { params: { path: { appointment_id: card.id } } }))).ticket;
  return <Room local={local} resources={resources} centre={centre} ticket={ticket} resumeKey={seatKey(card.id)} onOver={onOver} />;
}

interface ReadyProps {
  card: Door["card"];
  zone: string;
  centre: CentreContact;
  local: LocalMedia;
  onEnter: () => void;
}

function Ready({ card, zone, centre, local, onEnter }: ReadyProps) {
  const { t, i18n } = useTranslation("room");
  const { t: desk } = useTranslation("desk");
  const { t: common } = useTranslation();
  return (
    <Page centre={centre}>
      <PageTitle>{card.title || peopleText(card.guests, desk) || common(`kind.${card.kind}`)}</PageTitle>
      <p>
        {dayOf(i18n.language, card.starts_at, zone)} {spanOf(i18n.language, card.starts_at, card.ends_at, zone)}
      </p>
      <Card>
        <OwnPicture local={local} />
        <InputHelp local={local} input="camera" />
        <InputHelp local={local} input="mic" />
        <DeviceChoices local={local} />
      </Card>
      <p>{t("ready.headphones")}</p>
      <Button tone="primary" wide onPress={onEnter}>
        {t("ready.enter")}
      </Button>
    </Page>
  );
}

interface EndedProps {
  over: Over;
  card: Door["card"];
  centre: CentreContact;
  onAgain: () => void;
}

function Ended({ over, card, centre, onAgain }: EndedProps) {
  const { t } = useTranslation("room");
  const problemText = useProblemText("room");
  return (
    <Page centre={centre}>
      <PageTitle>{t(over.code === "moved" ? "ended.moved" : "ended.title")}</PageTitle>
      <Card>
        <p>{over.code === "moved" ? t("ended.moved_body") : problemText(new Problem(over.code, 0))}</p>
        {over.reason && <p>{over.reason}</p>}
      </Card>
      <Button tone="primary" wide onPress={onAgain}>
        {t("ended.again")}
      </Button>
      <div>
        <ButtonLink href={`/desk/appointments/${card.id}`}>{t("ended.appointment")}</ButtonLink>
      </div>
    </Page>
  );
}

function useResources(person: string, id: string, zone: string): RoomResources {
  return useMemo(() => {
    const path = { params: { path: { appointment_id: id } } };
    return {
      zone,
      visit: null,
      fetchDocument: async (document: string) => bytesOf(await fetch(`/api/documents/${encodeURIComponent(document)}`)),
      notes: ownNotes(person, id, {
        load: async () => (await answer(api.GET("/api/appointments/{appointment_id}/notes/mine", path))).text,
        save: async (text: string) => {
          // Kept alive: the last words may be on their way when the page is reloaded.
          await answer(api.PUT("/api/appointments/{appointment_id}/notes/mine", { ...path, body: { text }, keepalive: true }));
        },
      }),
    };
  }, [person, id, zone]);
}

function useLocalMedia(): LocalMedia {
  const [local] = useState(() => new LocalMedia());
  useEffect(() => () => local.close(), [local]);
  return local;
}
