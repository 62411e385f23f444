/** The end of a seeker's way: thanks and what was kept, or why it ended and what can be done now. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Page, PageTitle } from "../../elements/page";
import { dayOf, timeOf } from "../../locales/dates";
import { readAfter, type AfterAnswer, type Visit } from "../../net/visit";
import { useProblemText } from "../../elements/problem";
import { Problem } from "../../net/problem";
import type { Over } from "../room/room";

/** Endings with words of their own; every other code is told by its problem text. */
const KNOWN = ["left", "denied", "removed", "moved", "seat_revoked", "room_locked", "room_full", "cancelled", "no_show"] as const;
type Known = (typeof KNOWN)[number];
/** Endings after which one may knock again. */
const AGAIN: readonly string[] = ["left", "denied", "removed", "moved", "room_locked", "room_full", "other"];

/** The next date is often booked just after the conversation. */
const LOOK_AGAIN_MS = 60_000;

interface OverPageProps {
  visit: Visit;
  /** What the room said; null when the page itself says that it is over. */
  over: Over | null;
  onAgain?: () => void;
}

export function OverPage({ visit, over, onAgain }: OverPageProps) {
  const { page } = visit;
  const code = over === null || page.state === "cancelled" || page.state === "no_show" ? page.state : over.code;
  if (code === "ended" || code === "call_ended" || code === "appointment_ended") return <Thanks visit={visit} />;
  const known: Known | "other" = KNOWN.find((one) => one === code) ?? "other";
  return <Ending visit={visit} known={known} over={over} {...(onAgain && AGAIN.includes(known) && { onAgain })} />;
}

function Ending({ visit: { page }, known, over, onAgain }: OverPageProps & { known: Known | "other" }) {
  const { t } = useTranslation("join");
  const problemText = useProblemText("join");
  const { organisation, phone, cancel_reason } = page.appointment;
  const reason = known === "cancelled" ? cancel_reason : over?.reason;
  return (
    <Page centre={{ name: organisation, phone }}>
      <PageTitle>{t(`over.${known}.title`)}</PageTitle>
      <Card>
        <p>{known === "other" ? problemText(new Problem(over?.code ?? "unexpected", 0)) : t(`over.${known}.body`)}</p>
        {reason && <p>{t("over.reason", { reason })}</p>}
        <p>{t("over.call")}</p>
      </Card>
      {onAgain !== undefined && (
        <Button tone="primary" wide onPress={onAgain}>
          {t(known === "moved" ? "over.here_again" : "over.again")}
        </Button>
      )}
    </Page>
  );
}

function Thanks({ visit: { token, page } }: { visit: Visit }) {
  const { t, i18n } = useTranslation("join");
  const [after, setAfter] = useState<AfterAnswer | null>(null);
  useEffect(() => {
    let gone = false;
    const look = () => void readAfter(token).then((answer) => !gone && setAfter(answer), () => undefined);
    look();
    const timer = setInterval(look, LOOK_AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [token]);
  const { organisation, phone, zone, kind } = page.appointment;
  return (
    <Page centre={{ name: organisation, phone }}>
      <PageTitle>{t(`thanks.title.${kind}`)}</PageTitle>
      <p>{t("thanks.body")}</p>
      {after !== null && (
        <Card title={t("thanks.kept")}>
          {after.recorded && after.kept.length > 0 ? (
            <ul>
              {after.kept.map((item) => (
                <li key={item}>{t(`thanks.item.${item}`)}</li>
              ))}
            </ul>
          ) : (
            <p>{t("thanks.nothing_kept")}</p>
          )}
          <p>{t("thanks.attendance")}</p>
        </Card>
      )}
      {after?.next_starts_at && (
        <Card title={t("thanks.next")}>
          <p>
            {dayOf(i18n.language, after.next_starts_at, zone)} {timeOf(i18n.language, after.next_starts_at, zone)}
          </p>
        </Card>
      )}
      <p>{t("thanks.close")}</p>
    </Page>
  );
}
