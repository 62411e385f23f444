/** Who and when, the same on every page before the door. */
import { useTranslation } from "react-i18next";
import { Card } from "../../elements/card";
import { dayOf, spanOf } from "../../locales/dates";
import type { VisitAnswer } from "../../net/visit";
import css from "./when-card.module.css";

export function WhenCard({ page }: { page: VisitAnswer }) {
  const { t, i18n } = useTranslation("join");
  const { t: common } = useTranslation("common");
  const { kind, title, starts_at, ends_at, zone, hosts, organisation } = page.appointment;
  return (
    <Card title={title || common(`kind.${kind}`)}>
      <dl className={css.facts}>
        <dt>{t("when.day")}</dt>
        <dd>{dayOf(i18n.language, starts_at, zone)}</dd>
        <dt>{t("when.time")}</dt>
        <dd>{spanOf(i18n.language, starts_at, ends_at, zone)}</dd>
        <dt>{t(`when.hosts.${kind}`)}</dt>
        <dd>{hosts.join(", ")}</dd>
        <dt>{t("when.organisation")}</dt>
        <dd>{organisation}</dd>
        <dt>{t("when.recording")}</dt>
        <dd>{page.consent.recording ? t("when.recording_asked") : t(`when.never_recorded.${kind}`)}</dd>
      </dl>
    </Card>
  );
}
