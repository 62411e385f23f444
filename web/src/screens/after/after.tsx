/** The host's end of a conversation: close it, confirm attendance, write what is due, and book the next one. */
import type { ReactNode } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { answer, api } from "../../net/http";
import { Banner } from "../../elements/banner";
import { Button, ButtonLink } from "../../elements/button";
import { Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { ProblemBanner } from "../../elements/problem";
import { appointmentQuery, guestsOf, isLive, nameOf, type AppointmentCard } from "../appointments/queries";
import { afterQuery, Made } from "../appointments/records";
import { Empty, Fetched, FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { plans, seesContent } from "../desk/may";
import { useMomentsIn } from "../desk/moments";
import { roomOf } from "../desk/places";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import { AttendanceList } from "../group/attendance-list";
import { attendanceQuery } from "../group/roster";
import { WriteNote } from "../note/write-note";

export default function After({ id }: { id: string }) {
  const appointment = useQuery(appointmentQuery(id));
  return <FetchedPage query={appointment}>{(card) => <AfterPage card={card} />}</FetchedPage>;
}

function AfterPage({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const { t: desk } = useTranslation("desk");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{t("after.title")}</PageTitle>
          <p className={page.subtitle}>{nameOf(card, desk)} · {moments.dayTime(card.starts_at)}</p>
        </div>
        <div className={page.actions}>
          <ButtonTo href="/desk">{t("after.to_today")}</ButtonTo>
        </div>
      </div>
      {isLive(card) ? <StillOpen card={card} /> : <Steps card={card} />}
    </>
  );
}

/** The room outlives its last conversation for some minutes, so that people may return. Who plans can end it now. */
function StillOpen({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const me = useMe();
  const goBack = card.my_seat_id !== null && <ButtonLink href={roomOf(card.id)}>{t("after.go_back")}</ButtonLink>;
  if (plans(me)) return <Closing card={card} goBack={goBack} />;
  return (
    <Banner title={t("after.still_open")} action={<>{goBack}<ToScorecard id={card.id} /></>}>
      <p>{t("after.lead_ends")}</p>
    </Banner>
  );
}

function Closing({ card, goBack }: { card: AppointmentCard; goBack: ReactNode }) {
  const { t } = useTranslation("booking");
  const client = useQueryClient();
  const close = useMutation({
    mutationFn: () => answer(api.POST("/api/appointments/{appointment_id}/close", { params: { path: { appointment_id: card.id } } })),
    onSuccess: (closed) => {
      client.setQueryData(appointmentQuery(card.id).queryKey, closed);
      void client.invalidateQueries({ queryKey: ["desk"] });
    },
  });
  return (
    <>
      <Banner
        title={t("after.still_open")}
        action={
          <>
            {goBack}
            <Button tone="primary" pending={close.isPending} onPress={() => close.mutate()}>{t("after.close")}</Button>
          </>
        }
      >
        <p>{t("after.still_open_help")}</p>
      </Banner>
      {close.isError && <ProblemBanner error={close.error} area="desk" />}
    </>
  );
}

function Steps({ card }: { card: AppointmentCard }) {
  if (!seesContent(useMe())) return <StepsWithoutContent card={card} />;
  return (
    <div className={page.columns}>
      <div className={page.column}>
        <Attendance id={card.id} />
        <Recorded id={card.id} />
      </div>
      <div className={page.column}>
        {card.kind === "interview" ? card.my_seat_id !== null && <Evaluate id={card.id} /> : <Notes card={card} />}
        <Next card={card} />
      </div>
    </div>
  );
}

/** For an administrator, who reads nothing of what was said: who came, and the next booking. */
function StepsWithoutContent({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  return (
    <div className={page.columns}>
      <Attendance id={card.id} />
      <Card title={t("after.next")}>
        <p>{t("after.by_hosts")}</p>
        <BookNext card={card} />
      </Card>
    </div>
  );
}

function Attendance({ id }: { id: string }) {
  const { t } = useTranslation("booking");
  const attendance = useQuery(attendanceQuery(id));
  return (
    <Card title={t("attendance.title")}>
      <Fetched query={attendance}>{(data) => <AttendanceList appointmentId={id} attendance={data} />}</Fetched>
    </Card>
  );
}

function Recorded({ id }: { id: string }) {
  const { t } = useTranslation("records");
  return <Card title={t("made.title")}><Made id={id} /></Card>;
}

function Notes({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  return (
    <Card title={t("after.notes")}>
      <p className={page.small}>{t("after.notes_help")}</p>
      <ul className={page.list}>
        {guestsOf(card).map((seat) => (
          <li key={seat.id}>
            <strong>{seat.name}</strong>
            <WriteNote appointmentId={card.id} seekerId={seat.person_id} name={seat.name} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Evaluate({ id }: { id: string }) {
  const { t } = useTranslation("booking");
  return (
    <Card title={t("after.evaluate")}>
      <p>{t("after.evaluate_help")}</p>
      <div className={page.actions}><ToScorecard id={id} /></div>
    </Card>
  );
}

function ToScorecard({ id }: { id: string }) {
  const { t } = useTranslation("booking");
  return <ButtonTo tone="primary" href={`/desk/appointments/${id}/scorecard`}>{t("after.to_scorecard")}</ButtonTo>;
}

/** What was agreed in the call, and the next conversation: with the same seeker, the same group, or a next round. */
function Next({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const { t: common } = useTranslation();
  const me = useMe();
  const moments = useMomentsIn(me.tenant.zone);
  const after = useQuery(afterQuery(card.id));
  return (
    <Card title={t("after.next")}>
      <Fetched query={after}>
        {({ next_steps, next_appointment }) => (
          <>
            {next_steps.length === 0 ? (
              <Empty>{t("after.no_steps")}</Empty>
            ) : (
              <ul className={page.list}>
                {next_steps.map((step) => (
                  <li key={step.id}>
                    <span className={page.item}>{step.text}</span>
                    {step.due !== null && <span className={page.small}>{t("after.due", { day: moments.day(`${step.due}T03:00:00Z`) })}</span>}
                  </li>
                ))}
              </ul>
            )}
            {next_appointment === null ? (
              plans(me) && <BookNext card={card} />
            ) : (
              <p>
                <Link href={`/desk/appointments/${next_appointment.id}`}>
                  {t("after.next_is", { at: moments.dayTime(next_appointment.starts_at), kind: common(`kind.${next_appointment.kind}`) })}
                </Link>
              </p>
            )}
          </>
        )}
      </Fetched>
    </Card>
  );
}

function BookNext({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  return (
    <div className={page.actions}>
      <ButtonTo href={`/desk/book?after=${card.id}`}>{t(`after.book_next.${card.kind}`)}</ButtonTo>
    </div>
  );
}
