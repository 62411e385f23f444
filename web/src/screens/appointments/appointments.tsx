/** Appointments by week: what is booked, and where something is still free. */
import { useState } from "react";
import { startOfWeek, today, type CalendarDate } from "@internationalized/date";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CalendarPlus, ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { answer, api } from "../../net/http";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { Empty, Fetched } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn } from "../desk/moments";
import { plans } from "../desk/may";
import { useMe } from "../desk/session";
import { StatusBadge } from "../desk/words";
import page from "../desk/fields.module.css";
import css from "./appointments.module.css";
import { nameOf, type AppointmentCard } from "./queries";

const DAYS = 7;

export default function Appointments() {
  const { t } = useTranslation("booking");
  const me = useMe();
  const { zone } = me.tenant;
  const moments = useMomentsIn(zone);
  const [monday, setMonday] = useState<CalendarDate>(() => startOfWeek(today(zone), "ko-KR", "mon"));
  const from = monday.toDate(zone).toISOString();
  const to = monday.add({ days: DAYS }).toDate(zone).toISOString();
  const week = useQuery({
    queryKey: ["appointments", { from, to }],
    queryFn: () => answer(api.GET("/api/appointments", { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <div className={page.heading}>
        <PageTitle>{t("week.title")}</PageTitle>
        <div className={page.actions}>
          {plans(me) && <ButtonTo tone="primary" href="/desk/book" icon={<CalendarPlus size={20} aria-hidden="true" />}>{t("book.title")}</ButtonTo>}
        </div>
      </div>
      <div className={css.week} role="group" aria-label={t("week.choose")}>
        <span className={css.step}>
          <Button tone="quiet" aria-label={t("week.previous")} onPress={() => setMonday(monday.subtract({ weeks: 1 }))}><ChevronLeft size={20} aria-hidden="true" /></Button>
          <h2 aria-live="polite">{t("week.span", { from: moments.day(from), to: moments.day(Date.parse(to) - 1) })}</h2>
          <Button tone="quiet" aria-label={t("week.next")} onPress={() => setMonday(monday.add({ weeks: 1 }))}><ChevronRight size={20} aria-hidden="true" /></Button>
        </span>
        <Button small onPress={() => setMonday(startOfWeek(today(zone), "ko-KR", "mon"))}>{t("week.this")}</Button>
      </div>
      <Fetched query={week}>{(cards) => <Days monday={monday} cards={cards} zone={zone} />}</Fetched>
    </>
  );
}

function Days({ monday, cards, zone }: { monday: CalendarDate; cards: readonly AppointmentCard[]; zone: string }) {
  const { t } = useTranslation("booking");
  const moments = useMomentsIn(zone);
  const days = Array.from({ length: DAYS }, (_, index) => monday.add({ days: index }))
    .map((date) => ({ date, cards: cards.filter((card) => moments.isoDay(card.starts_at) === date.toString()) }))
    .filter((day) => day.cards.length > 0);
  if (days.length === 0) {
    return <Card><Empty action={<ButtonTo href="/desk/book">{t("book.title")}</ButtonTo>}>{t("week.empty")}</Empty></Card>;
  }
  return days.map(({ date, cards: booked }) => (
    <Card key={date.toString()} title={moments.day(date.toDate(zone).toISOString())}>
      <ol className={page.list}>
        {booked.map((card) => <AppointmentRow key={card.id} card={card} zone={zone} />)}
      </ol>
    </Card>
  ));
}

function AppointmentRow({ card, zone }: { card: AppointmentCard; zone: string }) {
  const { t: desk } = useTranslation("desk");
  const { t: common } = useTranslation();
  const moments = useMomentsIn(zone);
  return (
    <li>
      <span className={css.time}>{moments.span(card.starts_at, card.ends_at)}</span>
      <div className={page.item}>
        <Link href={`/desk/appointments/${card.id}`}>{nameOf(card, desk)}</Link>
        <p>{common(`kind.${card.kind}`)} · {card.room}</p>
      </div>
      <StatusBadge status={card.status} />
    </li>
  );
}
