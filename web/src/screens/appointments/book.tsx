/** Booking: which kind, whom, when, and whether recording may be asked for. One press books people, time and a room. */
import { useDeferredValue, useState, type FormEvent } from "react";
import { now as nowIn, toCalendarDate, toTime } from "@internationalized/date";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation, useSearchParams } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import type { IdempotencyKey } from "../../net/once";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { RadioGroup } from "../../elements/choice";
import { Field } from "../../elements/field";
import { PageTitle } from "../../elements/page";
import { ProblemBanner } from "../../elements/problem";
import { FetchedPage } from "../desk/fetched";
import { seesContent } from "../desk/may";
import { useMe } from "../desk/session";
import { useOnce } from "../desk/use-once";
import { phoneText } from "../../locales/phone";
import page from "../desk/fields.module.css";
import css from "./book.module.css";
import { seekersQuery } from "../seekers/seekers";
import { CandidateField } from "./candidate-field";
import { PeoplePicker, type Pickable } from "./people-picker";
import { appointmentQuery, guestsOf, hostsOf, minutesOf, type AppointmentCard, type SeatCard } from "./queries";
import { localTime, WhenFields, type When } from "./when";

type Kind = components["schemas"]["Kind"];
type NewAppointment = components["schemas"]["NewAppointment"];

const USUAL_MINUTES: Record<Kind, number> = { interview: 30, counselling: 50, small_group: 120 };

export const staffQuery = queryOptions({ queryKey: ["staff"], queryFn: () => answer(api.GET("/api/staff")) });

export default function Book() {
  const [parameters] = useSearchParams();
  const [replaces, after] = [parameters.get("replaces"), parameters.get("after")];
  const id = replaces ?? after;
  return id === null ? <BookForm /> : <BookWithSamePeople id={id} again={replaces !== null} />;
}

function BookWithSamePeople({ id, again }: { id: string; again: boolean }) {
  const previous = useQuery(appointmentQuery(id));
  return <FetchedPage query={previous}>{(card) => <BookForm previous={card} replaced={again ? card : null} />}</FetchedPage>;
}

interface BookFormProps {
  /** The one before, whose people and length are proposed. */
  previous?: AppointmentCard | null;
  /** The same, where it did not take place: it is booked again as it was, for another time. */
  replaced?: AppointmentCard | null;
}

function BookForm({ previous = null, replaced = null }: BookFormProps) {
  const { t } = useTranslation("booking");
  const me = useMe();
  const [parameters] = useSearchParams();
  const employer = me.tenant.kind === "employer";
  const [kind, setKind] = useState<Kind>(previous?.kind ?? (employer ? "interview" : "counselling"));
  const [seekers, setSeekers] = useState<readonly Pickable[] | null>(previous && guestsOf(previous).map(pickable));
  const [applicationId, setApplicationId] = useState<string | null>(previous?.application_id ?? parameters.get("application"));
  const [hosts, setHosts] = useState<readonly Pickable[]>(() => previous ? hostsOf(previous).map(pickable) : seesContent(me) ? [{ id: me.id, name: me.name, detail: "" }] : []);
  const [title, setTitle] = useState(replaced?.title ?? (previous?.kind === "small_group" ? previous.title : ""));
  const [when, setWhen] = useState<When>(() => soon(me.tenant.zone, previous ? minutesOf(previous) : USUAL_MINUTES[kind]));
  const [recording, setRecording] = useState(previous?.recording_allowed ?? employer);
  const known = useKnownSeeker(parameters.get("seeker"));
  const chosen = seekers ?? (known === undefined ? [] : [known]);
  const book = useBook({
    kind,
    seeker_ids: employer ? [] : chosen.map(({ id }) => id),
    application_id: employer ? applicationId : null,
    host_ids: hosts.map(({ id }) => id),
    title,
    recording,
    replaces_id: replaced?.id ?? null,
    minutes: when.minutes,
    starts_at: null,
    starts_local: localTime(when),
    zone: me.tenant.zone,
    agenda: replaced?.agenda.map(({ text, minutes }) => ({ text, minutes })) ?? [],
  });
  const chooseKind = (next: Kind) => {
    setKind(next);
    setWhen({ ...when, minutes: USUAL_MINUTES[next] });
    if (next === "counselling") setSeekers(chosen.slice(0, 1));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    book.mutate();
  };
  const complete = (employer ? applicationId !== null : chosen.length > 0) && hosts.length > 0 && localTime(when) !== null;
  return (
    <>
      <PageTitle>{t("book.title")}</PageTitle>
      <form onSubmit={submit} className={css.form}>
        <Card>
          {!employer && replaced === null && (
            <RadioGroup
              label={t("book.kind")}
              inline
              choices={[{ value: "counselling", text: t("book.kind_counselling") }, { value: "small_group", text: t("book.kind_small_group") }]}
              value={kind}
              onChange={chooseKind}
            />
          )}
          {previous?.application_id ? (
            <dl className={page.facts}>
              <dt>{t("book.candidate")}</dt>
              <dd>{guestsOf(previous).map(({ name }) => name).join(", ")}</dd>
            </dl>
          ) : employer ? (
            <CandidateField value={applicationId} onChange={setApplicationId} />
          ) : (
            <SeekerField most={kind === "small_group" ? me.group_seats - Math.max(hosts.length, 1) : 1} chosen={chosen} onChange={setSeekers} />
          )}
          <HostField label={t("book.hosts")} help={t("book.hosts_help")} chosen={hosts} onChange={setHosts} />
          {kind === "small_group" && <Field label={t("book.group_title")} maxLength={120} isRequired value={title} onChange={setTitle} />}
        </Card>
        <Card title={t("book.when")}>
          <WhenFields value={when} onChange={setWhen} earliest={toCalendarDate(nowIn(me.tenant.zone))} zone={me.tenant.zone} />
        </Card>
        <Card>
          <RadioGroup
            label={t("book.recording")}
            choices={[
              { value: "no", text: t("book.recording_no"), help: t("book.recording_no_help") },
              { value: "yes", text: t("book.recording_yes"), help: t("book.recording_yes_help") },
            ]}
            value={recording ? "yes" : "no"}
            onChange={(value) => setRecording(value === "yes")}
          />
        </Card>
        {book.isError && <ProblemBanner error={book.error} area="desk" />}
        <div className={page.actions}>
          <Button type="submit" tone="primary" pending={book.isPending} isDisabled={!complete}>{t("book.submit")}</Button>
        </div>
      </form>
    </>
  );
}

const pickable = ({ person_id, name, phone }: SeatCard): Pickable => ({ id: person_id, name, detail: phoneText(phone ?? "") });

/** The next whole half hour, at least a quarter of an hour ahead. */
export function soon(zone: string, minutes: number): When {
  const ahead = nowIn(zone).add({ minutes: 45 });
  const rounded = ahead.set({ minute: ahead.minute < 30 ? 0 : 30, second: 0, millisecond: 0 });
  return { date: toCalendarDate(rounded), time: toTime(rounded), minutes };
}

function useBook(wish: NewAppointment) {
  const { t } = useTranslation("booking");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [, go] = useLocation();
  const create = useOnce(bookAppointment);
  return useMutation({
    mutationFn: () => create(wish),
    onSuccess: (card) => {
      client.setQueryData(["appointments", card.id], card);
      void client.invalidateQueries({ queryKey: ["desk"] });
      announcer.note(t("book.booked"));
      go(`/desk/appointments/${card.id}`);
    },
  });
}

const bookAppointment = (body: NewAppointment, headers: IdempotencyKey) => answer(api.POST("/api/appointments", { headers, body }));

function useKnownSeeker(id: string | null): Pickable | undefined {
  const found = useQuery({
    queryKey: ["seekers", id],
    enabled: id !== null,
    queryFn: () => answer(api.GET("/api/seekers/{seeker_id}", { params: { path: { seeker_id: id ?? "" } } })),
  });
  const seeker = found.data?.seeker;
  return seeker && { id: seeker.id, name: seeker.name, detail: phoneText(seeker.phone ?? "") };
}

function SeekerField({ most, chosen, onChange }: { most: number; chosen: readonly Pickable[]; onChange: (chosen: readonly Pickable[]) => void }) {
  const { t } = useTranslation("booking");
  const [search, setSearch] = useState("");
  const q = useDeferredValue(search.trim());
  const found = useQuery(seekersQuery(q));
  const people = (found.data ?? []).map(({ id, name, phone }) => ({ id, name, detail: phoneText(phone ?? "") }));
  return (
    <PeoplePicker
      label={t(most === 1 ? "book.seeker" : "book.seekers")}
      help={most === 1 ? t("book.seeker_help") : t("book.seekers_help", { most })}
      people={people}
      chosen={chosen}
      most={most}
      onChange={onChange}
      onSearch={setSearch}
    />
  );
}

export function HostField({ label, help, chosen, onChange }: {
  label: string;
  help: string;
  chosen: readonly Pickable[];
  onChange: (chosen: readonly Pickable[]) => void;
}) {
  const { t: desk } = useTranslation("desk");
  const colleagues = useQuery(staffQuery);
  const people = (colleagues.data ?? []).map(({ id, name, role }) => ({ id, name, detail: desk(`role.${role}`) }));
  return <PeoplePicker label={label} help={help} people={people} chosen={chosen} most={4} onChange={onChange} />;
}
