/** One recording: played, seen as tracks with gaps and marks, or the progress of making it. */
import { useRef, useState } from "react";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { ProblemBanner } from "../../elements/problem";
import { useNameOf } from "../appointments/queries";
import { FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import { DraftBanner, isUnderWay } from "../summary/draft";
import { isFault, trackName } from "./gaps";
import { MomentList } from "./moment-list";
import { Player, type PlayerHandle } from "./player";
import { Progress } from "./progress";
import { TrackPicture } from "./track-picture";

export type RecordingView = components["schemas"]["RecordingView"];

export const recordingQuery = (id: string) =>
  queryOptions({ queryKey: ["recordings", id], queryFn: () => answer(api.GET("/api/recordings/{recording_id}", { params: { path: { recording_id: id } } })) });

export default function Recording({ id }: { id: string }) {
  const recording = useQuery(recordingQuery(id));
  return <FetchedPage query={recording}>{(data) => <RecordingPage recording={data} />}</FetchedPage>;
}

function RecordingPage({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation("records");
  const moments = useMomentsIn(useMe().tenant.zone);
  const title = useNameOf(recording.appointment);
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{t("recording.of", { title })}</PageTitle>
          <p className={page.subtitle}>{moments.dayTime(recording.appointment.starts_at)}</p>
        </div>
        <div className={page.actions}>
          <ButtonTo href={`/desk/appointments/${recording.appointment.id}`}>{t("recording.to_appointment")}</ButtonTo>
          {recording.summary_id !== null && <ButtonTo href={`/desk/summaries/${recording.summary_id}`}>{t("recording.to_summary")}</ButtonTo>}
        </div>
      </div>
      <RecordingState recording={recording} />
    </>
  );
}

function RecordingState({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation("records");
  switch (recording.status) {
    case "recording":
    case "paused":
      return <Banner title={t("recording.still_open")} />;
    case "finalising":
      return <Progress recording={recording} />;
    case "failed":
      return <Failed recording={recording} />;
    case "expiring":
    case "purged":
      return <Banner title={t("recording.purged")}><p>{t("recording.purged_help")}</p></Banner>;
    case "available":
    case "partial":
      return <Playable recording={recording} />;
  }
}

function Failed({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation("records");
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => answer(api.POST("/api/recordings/{recording_id}/retry", { params: { path: { recording_id: recording.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["recordings", recording.id] }),
  });
  return (
    <>
      {retry.isError && <ProblemBanner error={retry.error} area="desk" />}
      <Banner
        tone="danger"
        title={t("recording.failed")}
        action={<Button tone="primary" pending={retry.isPending} onPress={() => retry.mutate()}>{t("recording.retry")}</Button>}
      >
        <p>{t("recording.failed_help")}</p>
      </Banner>
    </>
  );
}

function Playable({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation("records");
  const player = useRef<PlayerHandle>(null);
  const [positionS, setPositionS] = useState(0);
  const seek = (seconds: number) => player.current?.playAt(seconds);
  const draft = { appointmentId: recording.appointment.id, job: recording.summary_job };
  return (
    <div className={page.columns}>
      <div className={page.column}>
        {recording.status === "partial" && <Partial recording={recording} />}
        {recording.summary_id === null && isUnderWay(draft) && <DraftBanner draft={draft} />}
        <Player ref={player} recordingId={recording.id} label={t("recording.title")} onPosition={setPositionS} />
        <TrackPicture
          durationS={recording.duration_s ?? 1}
          tracks={recording.tracks.map((track) => ({
            id: track.track,
            label: trackName(track, t),
            spans: track.spans,
            faults: recording.gaps.filter((gap) => gap.track === track.track && isFault(gap)),
          }))}
          marks={recording.marks}
          positionS={positionS}
          onSeek={seek}
        />
      </div>
      <div className={page.column}>
        <MomentList recording={recording} onSeek={seek} />
        <Keeping recording={recording} />
      </div>
    </div>
  );
}

const DISK_FAILURES: readonly (string | null)[] = ["disk_full", "disk_error"];

function Partial({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation("records");
  const isCutShort = DISK_FAILURES.includes(recording.failure);
  return (
    <Banner tone="warning" title={t("recording.partial")}>
      {isCutShort && <p>{t("recording.cut_short")}</p>}
      {(!isCutShort || recording.gaps.some(isFault)) && <p>{t("recording.partial_help")}</p>}
    </Banner>
  );
}

function Keeping({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation("records");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <Card title={t("recording.keeping")}>
      <dl className={page.facts}>
        {recording.delete_on !== null && (
          <>
            <dt>{t("recording.delete_on")}</dt>
            <dd>{moments.fullDay(`${recording.delete_on}T03:00:00Z`)}</dd>
          </>
        )}
        <dt>{t("recording.belongs_to")}</dt>
        <dd>{t(`recording.owner.${recording.owner_kind}`)}</dd>
      </dl>
      <p className={page.small}>{t(`retention.${recording.owner_kind}`)}</p>
    </Card>
  );
}
