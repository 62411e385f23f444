/** What was made of an appointment: its recording, its summary, and what one has still to write. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Badge, Card } from "../../elements/card";
import { Empty, Fetched } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { WriteNote } from "../note/write-note";
import { DraftLine, isUnderWay } from "../summary/draft";
import page from "../desk/fields.module.css";
import { guestsOf, type AppointmentCard } from "./queries";

export const afterQuery = (id: string) =>
  queryOptions({
    queryKey: ["after", id],
    queryFn: () => answer(api.GET("/api/appointments/{appointment_id}/after", { params: { path: { appointment_id: id } } })),
  });

type After = components["schemas"]["AfterCall"];

/** The recording and the summary, each as far as it is: one never waits for the other. */
export function Made({ id }: { id: string }) {
  const after = useQuery(afterQuery(id));
  return <Fetched query={after}>{(made) => <MadeList made={made} />}</Fetched>;
}

export function MadeList({ made: { appointment, recording, summary, summary_job } }: { made: After }) {
  const { t } = useTranslation("records");
  const draft = { appointmentId: appointment.id, job: summary_job };
  const awaited = summary === null && isUnderWay(draft);
  if (recording === null && summary === null && !awaited) return <Empty>{t("made.nothing")}</Empty>;
  return (
    <ul className={page.list}>
      {recording !== null && (
        <li>
          <Link href={`/desk/recordings/${recording.id}`}>{t("case.kind.recording")}</Link>
          <Badge>{t(`recording.status.${recording.status}`)}</Badge>
        </li>
      )}
      {summary !== null && (
        <li>
          <Link href={`/desk/summaries/${summary.id}`}>{t("case.kind.summary")}</Link>
          <Badge>{t(`summary.status.${summary.status}`)}</Badge>
        </li>
      )}
      {awaited && <li><DraftLine draft={draft} /></li>}
    </ul>
  );
}

export function Records({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("records");
  return (
    <Card title={t("made.title")}>
      <Made id={card.id} />
      {card.kind === "interview" ? <Scorecard card={card} /> : <Notes card={card} />}
    </Card>
  );
}

function Scorecard({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("records");
  return (
    <div className={page.actions}>
      <ButtonTo href={`/desk/appointments/${card.id}/scorecard`}>{t("made.scorecard")}</ButtonTo>
    </div>
  );
}

function Notes({ card }: { card: AppointmentCard }) {
  return (
    <ul className={page.list}>
      {guestsOf(card).map((seat) => (
        <li key={seat.id}>
          <span>{seat.name}</span>
          <WriteNote appointmentId={card.id} seekerId={seat.person_id} name={seat.name} />
        </li>
      ))}
    </ul>
  );
}
