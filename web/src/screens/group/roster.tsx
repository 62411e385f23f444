/** A small group at a glance: who has arrived, under which display name; afterwards attendance and a note for each. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Badge, Card, type BadgeTone } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { useNameOf } from "../appointments/queries";
import { Fetched, FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { opensCases } from "../desk/may";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import { WriteNote } from "../note/write-note";
import page from "../desk/fields.module.css";
import { AttendanceList } from "./attendance-list";

type RosterView = components["schemas"]["Roster"];
type Presence = components["schemas"]["Presence"];

export const rosterQuery = (id: string) =>
  queryOptions({ queryKey: ["rosters", id], queryFn: () => answer(api.GET("/api/appointments/{appointment_id}/roster", { params: { path: { appointment_id: id } } })) });

export const attendanceQuery = (id: string) =>
  queryOptions({ queryKey: ["attendance", id], queryFn: () => answer(api.GET("/api/appointments/{appointment_id}/attendance", { params: { path: { appointment_id: id } } })) });

const TONES: Partial<Record<Presence, BadgeTone>> = { waiting: "primary", admitted: "success", connected: "success", reconnecting: "warning", dropped: "warning" };

export default function Roster({ id }: { id: string }) {
  const roster = useQuery(rosterQuery(id));
  return <FetchedPage query={roster}>{(data) => <RosterPage id={id} roster={data} />}</FetchedPage>;
}

function RosterPage({ id, roster }: { id: string; roster: RosterView }) {
  const { t } = useTranslation("booking");
  const { t: desk } = useTranslation("desk");
  const me = useMe();
  const moments = useMomentsIn(me.tenant.zone);
  const title = useNameOf(roster.appointment);
  const arrived = roster.people.filter(({ presence }) => TONES[presence] !== undefined).length;
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{t("roster.title", { title })}</PageTitle>
          <p className={page.subtitle}>{moments.dayTime(roster.appointment.starts_at)}</p>
        </div>
        <div className={page.actions}>
          <ButtonTo href={`/desk/appointments/${id}`}>{t("roster.to_appointment")}</ButtonTo>
        </div>
      </div>
      <div className={page.columns}>
        <Card title={t("roster.arrived", { arrived, all: roster.people.length })}>
          <ul className={page.list}>
            {roster.people.map((person) => (
              <li key={person.person_id}>
                <div className={page.item}>
                  <strong>{person.name}</strong>
                  {person.display_name !== person.name && <p>{t("roster.display_name", { name: person.display_name })}</p>}
                </div>
                <Badge tone={TONES[person.presence] ?? "neutral"}>{desk(`presence.${person.presence}`)}</Badge>
                {opensCases(me) && <WriteNote appointmentId={id} seekerId={person.person_id} name={person.name} />}
              </li>
            ))}
          </ul>
        </Card>
        <Attendance id={id} />
      </div>
    </>
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
