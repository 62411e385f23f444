/**
 * Plays a recording. Nothing is fetched before a person asks: each opening is a grant with one line in the audit trail.
 * The grant expires; then the player offers to open the recording again at the same place. Where only the line was lost,
 * it goes on with the same grant.
 */
import { useImperativeHandle, useRef, useState, type Ref } from "react";
import { useMutation } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { ProblemBanner } from "../../elements/problem";
import { Banner } from "../../elements/banner";
import { answer, api } from "../../net/http";
import { keepsGrant, whyStopped, type Stopped } from "./stopped";
import css from "./player.module.css";

/** What `recordings` composes: H.264 main profile and AAC. A Linux without codecs may lack it. */
const FILE_TYPE = 'video/mp4; codecs="avc1.4D401F, mp4a.40.2"';

const playsHere = (): boolean => document.createElement("video").canPlayType(FILE_TYPE) !== "";

interface Failure {
  url: string;
  code: number;
}

export interface PlayerHandle {
  /** Opens the recording if need be, and plays from this place. */
  playAt: (seconds: number) => void;
}

export function Player({ recordingId, label, ref, onPosition }: {
  recordingId: string;
  label: string;
  ref?: Ref<PlayerHandle>;
  onPosition?: (seconds: number) => void;
}) {
  const { t } = useTranslation("records");
  const video = useRef<HTMLVideoElement>(null);
  const place = useRef(0);
  const [unplayable, setUnplayable] = useState(false);
  const failing = useMutation({ mutationFn: ({ url, code }: Failure) => whyStopped(url, code), networkMode: "always" });
  const opening = useMutation({
    mutationFn: () => answer(api.POST("/api/recordings/{recording_id}/playback", { params: { path: { recording_id: recordingId } }, body: { reason: "" } })),
    onSuccess: () => failing.reset(),
  });
  // An opening is written down, so none is made for nothing.
  const open = () => (playsHere() ? opening.mutate() : setUnplayable(true));
  const resume = () => (failing.data !== undefined && keepsGrant(failing.data) ? failing.reset() : open());
  const isBusy = opening.isPending || failing.isPending;
  const playAt = (seconds: number) => {
    place.current = seconds;
    if (video.current === null) {
      if (!isBusy) resume();
      return;
    }
    video.current.currentTime = seconds;
    // Refused by the browser's autoplay rule: the place is set, and the controls are there.
    video.current.play().catch(() => undefined);
  };
  useImperativeHandle(ref, () => ({ playAt }));

  const begin = () => {
    if (video.current === null) return;
    video.current.currentTime = place.current;
    video.current.play().catch(() => undefined);
  };
  const moved = () => {
    place.current = video.current?.currentTime ?? place.current;
    onPosition?.(place.current);
  };
  if (unplayable) {
    return (
      <div className={css.closed}>
        <Banner tone="warning" live title={t("player.unplayable")}><p>{t("player.unplayable_help")}</p></Banner>
      </div>
    );
  }
  if (opening.data === undefined || !failing.isIdle) {
    return <Closed stopped={failing.data} error={opening.error} isBusy={isBusy} onPress={resume} />;
  }
  const { url } = opening.data;
  return (
    // The recording has no text of speech to show as captions.
    // eslint-disable-next-line jsx-a11y/media-has-caption
    <video
      ref={video}
      className={css.video}
      src={url}
      aria-label={label}
      controls
      controlsList="nodownload"
      preload="metadata"
      playsInline
      onLoadedMetadata={begin}
      onTimeUpdate={moved}
      onSeeked={moved}
      onError={(event) => failing.mutate({ url, code: event.currentTarget.error?.code ?? 0 })}
    />
  );
}

/** Not playing: what came between, if anything did, and the one thing to do. */
function Closed({ stopped, error, isBusy, onPress }: {
  stopped: Stopped | undefined;
  error: Error | null;
  isBusy: boolean;
  onPress: () => void;
}) {
  const { t } = useTranslation("records");
  const { t: common } = useTranslation();
  const unopened = t(stopped?.why === "expired" ? "player.again" : "player.play");
  const failed = stopped !== undefined && stopped.why !== "expired";
  return (
    <div className={css.closed}>
      {stopped !== undefined && error === null && <WhyStopped stopped={stopped} />}
      {error !== null && <ProblemBanner error={error} area="desk" />}
      <Button tone="primary" icon={<Play size={20} aria-hidden="true" />} pending={isBusy} onPress={onPress}>
        {failed ? common("action.retry") : unopened}
      </Button>
      {(stopped === undefined || !keepsGrant(stopped)) && <p className={css.audited}>{t("player.audited")}</p>}
    </div>
  );
}

function WhyStopped({ stopped }: { stopped: Stopped }) {
  const { t } = useTranslation("records");
  if (stopped.why === "refused") return <ProblemBanner error={stopped.problem} area="desk" />;
  if (stopped.why === "expired") return <Banner tone="warning" live title={t("player.expired")} />;
  return (
    <Banner tone="warning" live title={t(`player.${stopped.why}`)}>
      <p>{t(`player.${stopped.why}_help`)}</p>
    </Banner>
  );
}
