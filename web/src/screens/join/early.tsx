/** Too early is not an error: who, when, how long still, and the device check while there is time. */
import { useState } from "react";
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Page, PageTitle } from "../../elements/page";
import { useNow } from "../../elements/use-now";
import { dayOf, timeOf } from "../../locales/dates";
import type { ConnectionCheck } from "../../net/connection-check";
import type { LocalMedia } from "../../net/media/local-media";
import type { DeviceCheck as Found, VisitAnswer } from "../../net/visit";
import { timeLeft } from "../../state/countdown";
import { DeviceCheck } from "./device-check";
import css from "./early.module.css";
import { WhenCard } from "./when-card";

interface EarlyProps {
  page: VisitAnswer;
  /** Whoever waited for the former time learns that it is another now. */
  moved: boolean;
  check: () => Promise<ConnectionCheck>;
  local: LocalMedia;
  onChecked: (found: Found) => void;
}

export function Early({ page, moved, check, local, onChecked }: EarlyProps) {
  const { t, i18n } = useTranslation("join");
  const [checking, setChecking] = useState(false);
  const [checked, setChecked] = useState(false);
  const [skewMs] = useState(() => Date.parse(page.now) - Date.now());
  const { organisation, phone, opens_at, zone } = page.appointment;
  const centre = { name: organisation, phone };
  if (checking) {
    return (
      <Page centre={centre}>
        <PageTitle key="check">{t("devices.title")}</PageTitle>
        <DeviceCheck
          check={check}
          local={local}
          nextText={t("early.checked")}
          onNext={(found) => {
            onChecked(found);
            local.close();
            setChecked(true);
            setChecking(false);
          }}
        />
      </Page>
    );
  }
  return (
    <Page centre={centre}>
      <PageTitle key="early">{t("early.title", { name: page.name })}</PageTitle>
      {moved && <Banner tone="warning" live title={t("early.moved")}><p>{t("early.moved_body")}</p></Banner>}
      <Card>
        <Countdown untilMs={Date.parse(opens_at) - skewMs} />
        <p>{t("early.opens", { time: `${dayOf(i18n.language, opens_at, zone)} ${timeOf(i18n.language, opens_at, zone)}` })}</p>
        <p>{t("early.stay")}</p>
      </Card>
      <WhenCard page={page} />
      {checked && (
        <Banner tone="success" live title={t("early.check_done")} />
      )}
      <Button tone={checked ? "secondary" : "primary"} wide icon={checked ? <CircleCheck size={22} aria-hidden="true" /> : undefined} onPress={() => setChecking(true)}>
        {checked ? t("early.check_again") : t("early.check")}
      </Button>
    </Page>
  );
}

function Countdown({ untilMs }: { untilMs: number }) {
  const { t } = useTranslation("join");
  const left = timeLeft(useNow(1_000), untilMs);
  const parts = (["days", "hours", "minutes", "seconds"] as const).filter(
    (part, index) => left[part] > 0 || index >= 2 || (index === 1 && left.days > 0),
  );
  return (
    <div role="timer" aria-label={t("early.countdown")} className={css.countdown}>
      {parts.map((part) => (
        <span key={part} className={css.part}>
          <span className={css.number}>{left[part]}</span>
          <span>{t(`early.${part}`, { count: left[part] })}</span>
        </span>
      ))}
    </div>
  );
}
