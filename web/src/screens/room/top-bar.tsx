/** Above the faces: what this is, how much time is left, and in words who is recorded and who is not. */
import { useState } from "react";
import { CircleDot, Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import { PageTitle } from "../../elements/page";
import { recordedNames } from "../../state/call";
import { useCall, useCallNow } from "./call-context";
import { ConsentDialog } from "./consent-dialog";
import { useTitle } from "./use-title";
import css from "./top-bar.module.css";

export function TopBar() {
  const { t } = useTranslation("room");
  const { state } = useCall();
  const title = useTitle();
  return (
    <header className={css.bar}>
      <div className={css.what}>
        <PageTitle hidden name={title}>
          {t("title", { title })}
        </PageTitle>
        <p className={css.title}>
          {state.room.locked && <Lock size={16} role="img" aria-label={t("lock.is_locked")} />}
          {title}
        </p>
        <TimeLeft endsAt={state.room.ends_at} />
      </div>
      <RecordingLine />
    </header>
  );
}

/** Minutes until the end; after it, how long ago: nobody is thrown out by the clock. */
function TimeLeft({ endsAt }: { endsAt: string }) {
  const { t } = useTranslation("room");
  const minutes = Math.ceil((Date.parse(endsAt) - useCallNow(10_000)) / 60_000);
  return <p className={css.time}>{minutes > 0 ? t("time.left", { count: minutes }) : t("time.over", { count: -minutes })}</p>;
}

function RecordingLine() {
  const { t } = useTranslation("room");
  const { state, send, may } = useCall();
  const [open, setOpen] = useState(false);
  const { status } = state.recording;
  if (status === "not_permitted") return <p className={css.unrecorded}>{t(`recording.never.${state.room.kind}`)}</p>;
  const running = status === "recording";
  return (
    <div className={css.recording}>
      <div className={css.words} role="status">
        {running ? <WhoIsRecorded /> : <p>{t(`recording.${status}`)}</p>}
      </div>
      {state.consent.items.length > 0 && (
        <Button className={css.button ?? ""} onPress={() => setOpen(true)}>
          {t("consent.mine")}
        </Button>
      )}
      {may("recording.request") && (
        <Button
          className={`${css.button} ${running ? "" : css.start}`}
          onPress={() => void send("recording.request", { action: running ? "stop" : "start" })}
        >
          {running ? t("recording.stop") : t("recording.start")}
        </Button>
      )}
      <ConsentDialog isOpen={open} onClose={() => setOpen(false)} />
    </div>
  );
}

function WhoIsRecorded() {
  const { t } = useTranslation("room");
  const { state } = useCall();
  const { recorded, partly, not } = recordedNames(state);
  return (
    <>
      <p className={css.running}>
        <CircleDot size={18} aria-hidden="true" />
        {recorded.length > 0 ? t("recording.running", { names: recorded.join(", ") }) : t("recording.running_nobody")}
      </p>
      {partly.length > 0 && <p>{t("recording.partly", { names: partly.join(", ") })}</p>}
      {not.length > 0 && <p>{t("recording.not", { names: not.join(", ") })}</p>}
    </>
  );
}
