/** Who waits and what is next: each with one press into the room. */
import { useTranslation } from "react-i18next";
import { ButtonLink } from "../../elements/button";
import { Badge, Card } from "../../elements/card";
import { hasDoor, isAhead, isLive, nameOf, type AppointmentCard } from "../appointments/queries";
import { Empty } from "./fetched";
import page from "./fields.module.css";
import { ButtonTo } from "./link";
import { minutesUntil, type Moments } from "./moments";
import { roomOf } from "./places";
import type { TodayView } from "./today";
import css from "./today.module.css";

interface NowProps {
  desk: TodayView;
  nowMs: number;
  moments: Moments;
}

export function Now({ desk, nowMs, moments }: NowProps) {
  const { t } = useTranslation("desk");
  const waitedFor = new Set(desk.waiting.map(({ appointment_id }) => appointment_id));
  const running = desk.today.filter((card) => card.status !== "open" && hasDoor(card) && !waitedFor.has(card.id));
  const next = desk.today.filter((card) => isAhead(card) && !waitedFor.has(card.id) && (isLive(card) || Date.parse(card.starts_at) > nowMs));
  return (
    <Card title={t("today.now")}>
      <ul className={page.list}>
        {desk.waiting.map(({ seat_id, appointment_id, name, since }) => (
          <NowRow
            key={seat_id}
            card={desk.today.find(({ id }) => id === appointment_id)}
            title={name}
            urgent
            words={since === null ? "" : t("today.waits_since", { time: moments.time(since) })}
          />
        ))}
        {running.map((card) => <NowRow key={card.id} card={card} title={nameOf(card, t)} words={t(`status.${card.status}`)} />)}
        {next.slice(0, 2).map((card) => <NowRow key={card.id} card={card} title={nameOf(card, t)} words={startText(card, nowMs)} />)}
        {desk.waiting.length + running.length + next.length === 0 && <li><Empty>{t("today.nothing_next")}</Empty></li>}
      </ul>
    </Card>
  );

  function startText(card: AppointmentCard, at: number): string {
    const minutes = minutesUntil(card.starts_at, at);
    if (minutes > 60) return t("today.starts_at", { time: moments.time(card.starts_at) });
    if (minutes > 0) return t("today.starts_in", { minutes });
    return minutes === 0 ? t("today.starting") : t("today.late_by", { minutes: -minutes });
  }
}

function NowRow({ card, title, words, urgent }: { card: AppointmentCard | undefined; title: string; words: string; urgent?: boolean }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  if (card === undefined) return null;
  return (
    <li>
      <div className={page.item}>
        <span className={css.who}>
          <strong>{title}</strong>
          {urgent && <Badge tone="primary">{t("today.waiting")}</Badge>}
        </span>
        <p>{[common(`kind.${card.kind}`), words].filter(Boolean).join(" · ")}</p>
      </div>
      {hasDoor(card) && card.my_seat_id !== null ? (
        <ButtonLink href={roomOf(card.id)} tone={urgent ? "primary" : "secondary"} aria-label={t("today.enter_for", { title })}>{t("today.enter")}</ButtonLink>
      ) : (
        <ButtonTo href={`/desk/appointments/${card.id}`} tone="quiet" aria-label={t("today.details_of", { title })}>{t("today.details")}</ButtonTo>
      )}
    </li>
  );
}
