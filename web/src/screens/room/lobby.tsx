/** The lobby: one's own picture only, the place kept, and what happens next. */
import type { TFunction } from "i18next";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Page, PageTitle } from "../../elements/page";
import { useReadable } from "../../elements/use-readable";
import { spanOf } from "../../locales/dates";
import { OwnPicture } from "../join/own-picture";
import { useCall, useCallNow } from "./call-context";
import { useTitle } from "./use-title";

/** What became of the appointment, and whether the one before it still goes on, only the visit tells. */
const LOOK_AGAIN_MS = 30_000;

export function Lobby() {
  const { t, i18n } = useTranslation("room");
  const { state, session, local, resources } = useCall();
  const line = useReadable(session.line);
  const { room, you } = state;
  const title = useTitle();
  const late = useCallNow(10_000) - Date.parse(room.starts_at);
  const lookAgain = resources.visit?.lookAgain;
  useEffect(() => {
    if (lookAgain === undefined) return;
    const timer = setInterval(lookAgain, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [lookAgain]);
  return (
    <Page centre={{ name: room.centre_name, phone: room.centre_phone }}>
      <PageTitle>{you.claiming ? t("waiting.claiming_title") : t("waiting.title")}</PageTitle>
      {line === "away" && (
        <Banner tone="warning" live title={t("line.away")}>
          <p>{t("waiting.away")}</p>
        </Banner>
      )}
      <Card>
        <p role="status">{you.claiming ? t("waiting.claiming_body") : t("waiting.body")}</p>
        <p>
          <strong>{title}</strong>
          <br />
          {spanOf(i18n.language, room.starts_at, room.ends_at, resources.zone)}
        </p>
        {!you.claiming && <p>{resources.visit?.hostRunsLate ? t("waiting.host_runs_late") : whenText(late, t)}</p>}
        <OwnPicture local={local} />
        <p>{t("waiting.kept")}</p>
      </Card>
      <div>
        <Button onPress={() => void session.leave()}>{t("waiting.leave")}</Button>
      </div>
    </Page>
  );
}

function whenText(lateMs: number, t: TFunction<"room">): string {
  if (lateMs < 0) return t("waiting.early", { count: Math.ceil(-lateMs / 60_000) });
  return t(lateMs > 5 * 60_000 ? "waiting.late" : "waiting.soon");
}
