/** Attendance as proposed from minutes in the room. People name only the exceptions; each exception has a reason. */
import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Badge } from "../../elements/card";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { Select } from "../../elements/select";
import { Empty } from "../desk/fetched";
import { seesContent } from "../desk/may";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import css from "./group.module.css";

type AttendanceView = components["schemas"]["AttendanceView"];
type Attendee = AttendanceView["people"][number];
export type AttendanceStatus = components["schemas"]["AttendanceStatus"];

const STATUSES: readonly AttendanceStatus[] = ["present", "late", "left_early", "partial", "absent_excused", "absent_unexcused", "technical_excused"];

interface Exception {
  readonly status: AttendanceStatus;
  readonly reason: string;
}

interface AttendanceListProps {
  appointmentId: string;
  attendance: AttendanceView;
}

/** To confirm for whoever was there or leads them; for an administrator to read. */
export function AttendanceList(props: AttendanceListProps) {
  const { t } = useTranslation("booking");
  const me = useMe();
  if (!props.attendance.over) return <Empty>{t("attendance.not_over")}</Empty>;
  if (props.attendance.people.length === 0) return <Empty>{t("attendance.nobody")}</Empty>;
  return seesContent(me) ? <ToConfirm {...props} /> : <AsItStands attendance={props.attendance} />;
}

function ToConfirm({ appointmentId, attendance }: AttendanceListProps) {
  const { t } = useTranslation("booking");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const moments = useMomentsIn(useMe().tenant.zone);
  const [exceptions, setExceptions] = useState(() => exceptionsOf(attendance));
  const confirm = useMutation({
    mutationFn: () =>
      answer(api.PUT("/api/appointments/{appointment_id}/attendance", {
        params: { path: { appointment_id: appointmentId } },
        body: { exceptions: [...exceptions].map(([person_id, exception]) => ({ person_id, ...exception })) },
      })),
    onSuccess: () => {
      announcer.note(t("attendance.confirmed_now"));
      void client.invalidateQueries();
    },
  });
  const change = (person: Attendee, exception: Exception) => {
    const next = new Map(exceptions);
    if (exception.status === person.proposed) next.delete(person.person_id);
    else next.set(person.person_id, exception);
    setExceptions(next);
  };
  const incomplete = [...exceptions.values()].some(({ reason }) => reason.trim() === "");
  return (
    <>
      <ul className={page.list}>
        {attendance.people.map((person) => (
          <AttendeeRow key={person.person_id} person={person} exception={exceptions.get(person.person_id)} onChange={(exception) => change(person, exception)} />
        ))}
      </ul>
      {confirm.isError && <ProblemBanner error={confirm.error} area="desk" />}
      <div className={css.confirm}>
        <p className={page.small}>
          {attendance.confirmed_at !== null && `${t("attendance.confirmed_at", { at: moments.dayTime(attendance.confirmed_at) })} `}
          {exceptions.size === 0 ? t("attendance.as_proposed") : t("attendance.exceptions", { exceptions: exceptions.size })}
        </p>
        <Button tone={attendance.confirmed_at === null ? "primary" : "secondary"} pending={confirm.isPending} isDisabled={incomplete} onPress={() => confirm.mutate()}>{t("attendance.confirm")}</Button>
      </div>
    </>
  );
}

/** Those whose confirmed attendance already departs from the proposal. */
const exceptionsOf = ({ people }: AttendanceView): ReadonlyMap<string, Exception> =>
  new Map(people.flatMap(({ person_id, status, proposed, reason }) => (status === null || status === proposed ? [] : [[person_id, { status, reason }]])));

function AsItStands({ attendance: { people, confirmed_at } }: { attendance: AttendanceView }) {
  const { t } = useTranslation("booking");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <>
      <ul className={page.list}>
        {people.map((person) => (
          <li key={person.person_id}>
            <Stay person={person} />
            {person.status === null ? <Proposed person={person} /> : <Badge tone={toneOf(person.status)}>{t(`attendance.status.${person.status}`)}</Badge>}
            {person.reason !== "" && <p className={css.reason}>{person.reason}</p>}
          </li>
        ))}
      </ul>
      <p className={page.small}>{confirmed_at === null ? t("attendance.by_hosts") : t("attendance.confirmed_at", { at: moments.dayTime(confirmed_at) })}</p>
    </>
  );
}

const toneOf = (status: AttendanceStatus) => (status === "present" ? "success" : "warning");

function Proposed({ person: { proposed } }: { person: Attendee }) {
  const { t } = useTranslation("booking");
  return <Badge tone={toneOf(proposed)}>{t("attendance.proposed", { status: t(`attendance.status.${proposed}`) })}</Badge>;
}

/** Who it is, and how long they were there. */
function Stay({ person }: { person: Attendee }) {
  const { t } = useTranslation("booking");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <div className={page.item}>
      <strong>{person.name}</strong>
      <p>
        {person.joined_at === null
          ? t("attendance.never_came")
          : t("attendance.stayed", { from: moments.time(person.joined_at), minutes: person.minutes })}
      </p>
    </div>
  );
}

function AttendeeRow({ person, exception, onChange }: {
  person: Attendee;
  exception: Exception | undefined;
  onChange: (exception: Exception) => void;
}) {
  const { t } = useTranslation("booking");
  const status = exception?.status ?? person.proposed;
  return (
    <li>
      <Stay person={person} />
      <div className={css.status}>
        <Proposed person={person} />
        <Select
          label={t("attendance.status_of", { name: person.name })}
          labelHidden
          choices={STATUSES.map((id) => ({ id, text: t(`attendance.status.${id}`) }))}
          value={status}
          onChange={(id) => onChange({ status: STATUSES.find((one) => one === id) ?? person.proposed, reason: exception?.reason ?? "" })}
        />
      </div>
      {exception !== undefined && (
        <div className={css.reason}>
          <Field label={t("attendance.reason", { name: person.name })} isRequired value={exception.reason} onChange={(reason) => onChange({ ...exception, reason })} />
        </div>
      )}
    </li>
  );
}
