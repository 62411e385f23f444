/** The summary of an appointment: read against its moments, changed, approved (승인), and only then shared (구직자에게 공개). */
import { useRef, useState } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Badge, Card, type BadgeTone } from "../../elements/card";
import { Button } from "../../elements/button";
import { PageTitle } from "../../elements/page";
import { useKeptFocus } from "../../elements/use-kept-focus";
import { useNameOf } from "../appointments/queries";
import { FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import { Player, type PlayerHandle } from "../recording/player";
import page from "../desk/fields.module.css";
import css from "./summary.module.css";
import { EditSummary } from "./edit-summary";
import { LineRow, LineText } from "./line-row";
import { Sharing } from "./sharing";

export type SummaryView = components["schemas"]["SummaryView"];

export const summaryQuery = (id: string) =>
  queryOptions({ queryKey: ["summaries", id], queryFn: () => answer(api.GET("/api/summaries/{summary_id}", { params: { path: { summary_id: id } } })) });

const TONES: Record<SummaryView["status"], BadgeTone> = {
  drafted: "warning",
  in_review: "warning",
  approved: "success",
  shared: "primary",
};

export default function Summary({ id }: { id: string }) {
  const summary = useQuery(summaryQuery(id));
  return <FetchedPage query={summary}>{(data) => <SummaryPage summary={data} />}</FetchedPage>;
}

function SummaryPage({ summary }: { summary: SummaryView }) {
  const { t } = useTranslation("records");
  const moments = useMomentsIn(useMe().tenant.zone);
  const title = useNameOf(summary.appointment);
  const player = useRef<PlayerHandle>(null);
  const text = useRef<HTMLDivElement>(null);
  useKeptFocus(text, text);
  const approved = summary.status === "approved" || summary.status === "shared";
  const [editing, setEditing] = useState(!approved);
  const playAt = (seconds: number) => player.current?.playAt(seconds);
  // Without a recording a moment is only a time.
  const onSeek = summary.recording_id === null ? null : playAt;
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{t("summary.title", { title })}</PageTitle>
          <p className={page.subtitle}>
            {moments.dayTime(summary.appointment.starts_at)} <Badge tone={TONES[summary.status]}>{t(`summary.status.${summary.status}`)}</Badge>
          </p>
        </div>
        <div className={page.actions}>
          <ButtonTo href={`/desk/appointments/${summary.appointment.id}`}>{t("recording.to_appointment")}</ButtonTo>
        </div>
      </div>
      <div className={page.columns}>
        <div ref={text} tabIndex={-1} role="group" aria-label={t("summary.text")} className={page.column}>
          {editing && summary.status !== "shared" ? (
            <EditSummary summary={summary} onSeek={onSeek} onDone={() => setEditing(false)} />
          ) : (
            <ReadSummary summary={summary} onSeek={onSeek} onEdit={() => setEditing(true)} />
          )}
        </div>
        <div className={`${page.column} ${css.beside}`}>
          {summary.recording_id !== null && <Player ref={player} recordingId={summary.recording_id} label={t("recording.title")} />}
          {approved && summary.appointment.kind === "counselling" && <Sharing summary={summary} />}
        </div>
      </div>
    </>
  );
}

function ReadSummary({ summary, onSeek, onEdit }: { summary: SummaryView; onSeek: ((seconds: number) => void) | null; onEdit: () => void }) {
  const { t } = useTranslation("records");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <Card
      title={t("summary.text")}
      actions={summary.status === "approved" && <Button small onPress={onEdit}>{t("summary.edit")}</Button>}
    >
      <ul className={page.list}>
        {summary.lines.map((line) => (
          <LineRow key={line.id} line={line} onSeek={onSeek}><LineText line={line} /></LineRow>
        ))}
      </ul>
      {summary.approved_by !== null && summary.approved_at !== null && (
        <p className={page.small}>{t("summary.approved_by", { name: summary.approved_by.name, at: moments.dayTime(summary.approved_at) })}</p>
      )}
      {summary.status === "shared" && <p className={page.small}>{t("summary.shared_locked")}</p>}
    </Card>
  );
}
