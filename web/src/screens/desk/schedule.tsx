/** The whole day: as a picture of rooms where there is space for one, and always as a list in order of time. */
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Card } from "../../elements/card";
import { nameOf } from "../appointments/queries";
import { DayPicture } from "./day-picture";
import { Empty } from "./fetched";
import page from "./fields.module.css";
import { ButtonTo } from "./link";
import { plans } from "./may";
import type { Moments } from "./moments";
import { useMe } from "./session";
import type { TodayView } from "./today";
import css from "./today.module.css";
import { StatusBadge } from "./words";

export function Schedule({ desk, nowMs, moments }: { desk: TodayView; nowMs: number; moments: Moments }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const me = useMe();
  const pictured = desk.today.filter(({ status }) => status !== "cancelled").map((card) => ({ ...card, name: nameOf(card, t) }));
  if (desk.today.length === 0) {
    return (
      <Card title={t("today.schedule")}>
        <Empty action={plans(me) && <ButtonTo href="/desk/book">{t("today.book")}</ButtonTo>}>{t("today.no_appointments")}</Empty>
      </Card>
    );
  }
  return (
    <Card title={t("today.schedule")}>
      <div className={css.picture}><DayPicture entries={pictured} nowMs={nowMs} moments={moments} /></div>
      <ol className={page.list}>
        {desk.today.map((card) => (
          <li key={card.id} data-over={card.closed_at !== null || undefined}>
            <span className={css.time}>{moments.span(card.starts_at, card.ends_at)}</span>
            <div className={page.item}>
              <Link href={`/desk/appointments/${card.id}`} className={card.status === "cancelled" ? css.cancelled : undefined}>{nameOf(card, t)}</Link>
              <p>{common(`kind.${card.kind}`)} · {card.room}</p>
            </div>
            <StatusBadge status={card.status} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
