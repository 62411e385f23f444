/** Booking interviews of one posting: one, or several in a row. All of them are booked, or none. */
import { useState, type FormEvent } from "react";
import { now as nowIn, toCalendarDate, toCalendarDateTime, toZoned } from "@internationalized/date";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation, useSearchParams } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import type { IdempotencyKey } from "../../net/once";
import { asProblem } from "../../net/problem";
import { useAnnouncer } from "../../elements/announcer";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Checkbox, RadioGroup } from "../../elements/choice";
import { PageTitle } from "../../elements/page";
import { useProblemText } from "../../elements/problem";
import { Select } from "../../elements/select";
import { HostField, soon } from "../appointments/book";
import type { Pickable } from "../appointments/people-picker";
import { isAhead, isLive } from "../appointments/queries";
import { localTime, WhenFields, type When } from "../appointments/when";
import { Empty, FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { seesContent } from "../desk/may";
import { useMomentsIn } from "../desk/moments";
import { phoneText } from "../../locales/phone";
import { useMe } from "../desk/session";
import { useOnce } from "../desk/use-once";
import page from "../desk/fields.module.css";
import form from "./posting-form.module.css";
import css from "./posting.module.css";
import { postingQuery, type Applicant, type PostingView } from "./queries";

type InterviewRow = components["schemas"]["InterviewRow"];

const USUAL_MINUTES = 30;
const BREAKS_MINUTES = [0, 5, 10, 15, 20, 30, 60];
const USUAL_BREAK = 10;
const MOST = 20;

export default function BookRow({ id }: { id: string }) {
  const posting = useQuery(postingQuery(id));
  return <FetchedPage query={posting}>{(data) => <BookPage posting={data} />}</FetchedPage>;
}

function BookPage({ posting }: { posting: PostingView }) {
  const { t } = useTranslation("hiring");
  const { t: booking } = useTranslation("booking");
  const me = useMe();
  const { zone } = me.tenant;
  const [parameters] = useSearchParams();
  const applicants = posting.applications.filter(({ withdrawn_at }) => withdrawn_at === null);
  const [ids, setIds] = useState<readonly string[]>(() => applicants.filter(({ id }) => id === parameters.get("application")).map(({ id }) => id));
  const [hosts, setHosts] = useState<readonly Pickable[]>(seesContent(me) ? [{ id: me.id, name: me.name, detail: "" }] : []);
  const [when, setWhen] = useState<When>(() => soon(zone, USUAL_MINUTES));
  const [breakMinutes, setBreakMinutes] = useState(USUAL_BREAK);
  const [recording, setRecording] = useState(true);
  const chosen = ids.flatMap((id) => applicants.filter((one) => one.id === id));
  const book = useBookRow(posting.id, {
    application_ids: chosen.map(({ id }) => id),
    host_ids: hosts.map(({ id }) => id),
    starts_at: null,
    starts_local: localTime(when),
    zone,
    minutes: when.minutes,
    break_minutes: breakMinutes,
    recording,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    book.mutate();
  };
  const complete = chosen.length > 0 && chosen.length <= MOST && hosts.length > 0 && localTime(when) !== null;
  const starts = startsOf(when, breakMinutes, chosen.length, zone);
  return (
    <>
      <PageTitle>{t("row.title", { title: posting.title })}</PageTitle>
      <form className={form.form} onSubmit={submit}>
        <Card title={t("row.who")}>
          <WhoField applicants={applicants} ids={ids} onChange={setIds} />
        </Card>
        <Card>
          <HostField label={t("row.panel")} help={t("row.panel_help")} chosen={hosts} onChange={setHosts} />
        </Card>
        <Card title={t("row.when")}>
          <WhenFields value={when} onChange={setWhen} earliest={toCalendarDate(nowIn(zone))} zone={zone} />
          <div className={css.break}>
            <Select
              label={t("row.break")}
              choices={BREAKS_MINUTES.map((minutes) => ({ id: String(minutes), text: booking("when.minutes", { minutes }) }))}
              value={String(breakMinutes)}
              onChange={(minutes) => setBreakMinutes(Number(minutes))}
            />
          </div>
          {chosen.length > 0 && starts.length > 0 && (
            <ol className={css.row} aria-label={t("row.order")}>
              {chosen.map(({ id, seeker }, position) => <li key={id}><span className={css.time}>{starts[position]}</span> {seeker.name}</li>)}
            </ol>
          )}
        </Card>
        <Card>
          <RadioGroup
            label={booking("book.recording")}
            choices={[
              { value: "no", text: booking("book.recording_no"), help: booking("book.recording_no_help") },
              { value: "yes", text: booking("book.recording_yes"), help: booking("book.recording_yes_help") },
            ]}
            value={recording ? "yes" : "no"}
            onChange={(value) => setRecording(value === "yes")}
          />
        </Card>
        {book.isError && <RowProblem error={book.error} chosen={chosen} starts={starts} />}
        <div className={page.actions}>
          <Button type="submit" tone="primary" pending={book.isPending} isDisabled={!complete}>{t("row.submit", { count: chosen.length })}</Button>
          <ButtonTo href={`/desk/postings/${posting.id}`}>{t("row.back")}</ButtonTo>
        </div>
      </form>
    </>
  );
}

/** Which applicants; the order in which they are ticked is the order of the interviews. */
function WhoField({ applicants, ids, onChange }: { applicants: readonly Applicant[]; ids: readonly string[]; onChange: (ids: readonly string[]) => void }) {
  const { t } = useTranslation("hiring");
  const moments = useMomentsIn(useMe().tenant.zone);
  const comingOf = ({ interviews }: Applicant) => interviews.find((card) => isAhead(card) || isLive(card));
  const free = applicants.filter((one) => comingOf(one) === undefined).map(({ id }) => id).slice(0, MOST);
  if (applicants.length === 0) return <Empty>{t("applicants.none")}</Empty>;
  return (
    <>
      <p className={page.small}>{t("row.who_help", { most: MOST })}</p>
      <div className={css.who}>
        {applicants.map((one) => {
          const coming = comingOf(one);
          return (
            <Checkbox
              key={one.id}
              isSelected={ids.includes(one.id)}
              isDisabled={!ids.includes(one.id) && ids.length >= MOST}
              onChange={(selected) => onChange(selected ? [...ids, one.id] : ids.filter((id) => id !== one.id))}
            >
              {one.seeker.name} <span className={page.small}>{phoneText(one.phone ?? "")}</span>
              {coming !== undefined && <span className={page.small}> · {t("row.booked_for", { at: moments.dayTime(coming.starts_at) })}</span>}
            </Checkbox>
          );
        })}
      </div>
      {free.length > 1 && <div className={page.actions}><Button small onPress={() => onChange(free)}>{t("row.choose_free", { count: free.length })}</Button></div>}
    </>
  );
}

/** Which interview of the row does not fit, and why. */
function RowProblem({ error, chosen, starts }: { error: unknown; chosen: readonly Applicant[]; starts: readonly string[] }) {
  const { t } = useTranslation("hiring");
  const text = useProblemText("desk");
  const number = asProblem(error).details.number;
  const one = typeof number === "number" ? chosen[number - 1] : undefined;
  return (
    <Banner tone="danger" live title={t("row.nothing_booked")}>
      {one !== undefined && <p>{t("row.at", { name: one.seeker.name, time: starts[chosen.indexOf(one)] ?? "" })}</p>}
      <p>{text(error)}</p>
    </Banner>
  );
}

/** The wall-clock start of each interview; empty while the first is not known. */
function startsOf({ date, time, minutes }: When, breakMinutes: number, count: number, zone: string): string[] {
  if (date === null || time === null) return [];
  const first = toZoned(toCalendarDateTime(date, time), zone);
  return Array.from({ length: count }, (_, position) => {
    const start = first.add({ minutes: position * (minutes + breakMinutes) });
    return `${String(start.hour).padStart(2, "0")}:${String(start.minute).padStart(2, "0")}`;
  });
}

function useBookRow(postingId: string, body: InterviewRow) {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [, go] = useLocation();
  const create = useOnce(bookInterviews);
  return useMutation({
    mutationFn: () => create({ postingId, body }),
    onSuccess: async (booked) => {
      void client.invalidateQueries({ queryKey: ["desk"] });
      await client.invalidateQueries({ queryKey: ["postings"] });
      announcer.note(t("row.booked", { count: booked.length }));
      go(`/desk/postings/${postingId}`);
    },
  });
}

const bookInterviews = ({ postingId, body }: { postingId: string; body: InterviewRow }, headers: IdempotencyKey) =>
  answer(api.POST("/api/postings/{posting_id}/interviews", { params: { path: { posting_id: postingId } }, headers, body }));
