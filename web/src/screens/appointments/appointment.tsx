/** One appointment: its people and their links, its agenda and documents, what was made of it, and every way to change it. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Banner } from "../../elements/banner";
import { ButtonLink } from "../../elements/button";
import { Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn } from "../desk/moments";
import { roomOf } from "../desk/places";
import { plans, seesContent } from "../desk/may";
import { useMe } from "../desk/session";
import { StatusBadge } from "../desk/words";
import page from "../desk/fields.module.css";
import { AgendaEditor } from "./agenda-editor";
import { Changes } from "./changes";
import { Documents } from "./documents";
import { History } from "./history";
import { People } from "./people";
import { appointmentQuery, hasDoor, isAhead, isLive, nameOf, type AppointmentCard } from "./queries";
import { Records } from "./records";
import { SampleGuests } from "./sample-guests";

export default function Appointment({ id }: { id: string }) {
  const appointment = useQuery(appointmentQuery(id));
  return <FetchedPage query={appointment}>{(card) => <AppointmentPage card={card} />}</FetchedPage>;
}

function AppointmentPage({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("desk");
  const me = useMe();
  const moments = useMomentsIn(me.tenant.zone);
  const title = nameOf(card, t);
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{title}</PageTitle>
          <p className={page.subtitle}>
            {moments.fullDay(card.starts_at)} {moments.span(card.starts_at, card.ends_at)} <StatusBadge status={card.status} />
          </p>
        </div>
        <div className={page.actions}>
          {hasDoor(card) && card.my_seat_id !== null && <ButtonLink href={roomOf(card.id)} tone="primary">{t("today.enter")}</ButtonLink>}
        </div>
      </div>
      <StateNotice card={card} />
      <div className={page.columns}>
        <div className={page.column}>
          <People card={card} mayInvite={plans(me)} />
          <AgendaEditor card={card} mayEdit={plans(me)} />
          {seesContent(me) && <Documents card={card} />}
        </div>
        <div className={page.column}>
          <Facts card={card} />
          {seesContent(me) && card.my_seat_id !== null && <Records card={card} />}
          {plans(me) && (isAhead(card) || hasDoor(card)) && <Changes card={card} />}
          <History id={card.id} />
          {me.has_samples && isLive(card) && card.my_seat_id !== null && <SampleGuests id={card.id} />}
        </div>
      </div>
    </>
  );
}

/** Why it did not take place as booked, and what replaced it. */
function StateNotice({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const me = useMe();
  switch (card.status) {
    case "cancelled":
      return <Banner title={t("notice.cancelled")}><p>{t("notice.reason", { reason: card.cancel_reason ?? "" })}</p></Banner>;
    case "no_show":
    case "interrupted":
      return (
        <Banner
          tone="warning"
          title={t(`notice.${card.status}`)}
          action={plans(me) && card.replaced_by_id === null && <ButtonTo small href={againHref(card)}>{t("notice.book_again")}</ButtonTo>}
        />
      );
    case "rescheduled":
      return (
        <Banner title={t("notice.rescheduled")}>
          {card.replaced_by_id !== null && <p><Link href={`/desk/appointments/${card.replaced_by_id}`}>{t("notice.see_new")}</Link></p>}
        </Banner>
      );
    default:
      return null;
  }
}

/** Booking the same anew, with the same people, in place of this one. */
const againHref = (card: AppointmentCard) => `/desk/book?replaces=${card.id}`;

function Facts({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const { t: common } = useTranslation();
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <Card title={t("facts.title")}>
      <dl className={page.facts}>
        <dt>{t("facts.kind")}</dt>
        <dd>{common(`kind.${card.kind}`)}</dd>
        <dt>{t("facts.room")}</dt>
        <dd>{card.room}</dd>
        <dt>{t("facts.opens")}</dt>
        <dd>{moments.time(card.opens_at)}</dd>
        <dt>{t("facts.recording")}</dt>
        <dd>{t(card.recording_allowed ? "facts.recording_yes" : "facts.recording_no")}</dd>
        {card.replaces_id !== null && (
          <>
            <dt>{t("facts.replaces")}</dt>
            <dd><Link href={`/desk/appointments/${card.replaces_id}`}>{t("facts.earlier")}</Link></dd>
          </>
        )}
      </dl>
    </Card>
  );
}
