/** A case file (상담이력): one seeker's timeline at this centre, newest first. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { CalendarCheck, FileText, NotebookPen, UsersRound, Video } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Badge, Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { Empty, FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn, type Moments } from "../desk/moments";
import { phoneText } from "../../locales/phone";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import css from "./case.module.css";

type CaseView = components["schemas"]["CaseView"];
type Entry = CaseView["entries"][number];

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ["cases", id], queryFn: () => answer(api.GET("/api/cases/{case_id}", { params: { path: { case_id: id } } })) });

export default function Case({ id }: { id: string }) {
  const found = useQuery(caseQuery(id));
  return <FetchedPage query={found}>{(data) => <CasePage file={data} />}</FetchedPage>;
}

function CasePage({ file }: { file: CaseView }) {
  const { t } = useTranslation("records");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{t("case.title", { name: file.seeker.name })}</PageTitle>
          <p className={page.subtitle}>{phoneText(file.seeker.phone ?? "")}</p>
        </div>
        <div className={page.actions}>
          <ButtonTo tone="primary" href={`/desk/book?seeker=${file.seeker.id}`}>{t("case.book")}</ButtonTo>
        </div>
      </div>
      <Card title={t("case.timeline")}>
        {file.entries.length === 0 ? (
          <Empty>{t("case.empty")}</Empty>
        ) : (
          <ol className={css.timeline}>
            {daysOf(file.entries, moments).map(([day, entries]) => (
              <li key={day} className={css.day}>
                <h3>{moments.fullDay(entries[0]?.at ?? day)}</h3>
                <ol className={css.entries}>
                  {entries.map((entry) => <EntryRow key={entry.id} entry={entry} moments={moments} />)}
                </ol>
              </li>
            ))}
          </ol>
        )}
      </Card>
    </>
  );
}

function daysOf(entries: readonly Entry[], moments: Moments): [string, Entry[]][] {
  const days = new Map<string, Entry[]>();
  const newestFirst = [...entries].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  for (const entry of newestFirst) {
    const day = moments.isoDay(entry.at);
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days];
}

const ICONS = { appointment: CalendarCheck, attendance: UsersRound, recording: Video, summary: FileText, note: NotebookPen } as const;

type EntryKind = keyof typeof ICONS;

const KINDS: readonly EntryKind[] = ["appointment", "attendance", "recording", "summary", "note"];

const PAGES: Record<EntryKind, string> = {
  appointment: "appointments",
  attendance: "appointments",
  recording: "recordings",
  summary: "summaries",
  note: "notes",
};

function EntryRow({ entry, moments }: { entry: Entry; moments: Moments }) {
  const { t } = useTranslation("records");
  const { t: common } = useTranslation();
  const status = useEntryStatus(entry);
  const kind = KINDS.find((known) => known === entry.kind) ?? "appointment";
  const Icon = ICONS[kind];
  return (
    <li className={css.entry}>
      <span className={css.icon}><Icon size={18} aria-hidden="true" /></span>
      <span className={css.at}>{moments.time(entry.at)}</span>
      <span className={css.what}>
        <Link href={`/desk/${PAGES[kind]}/${entry.object_id}`}>{t(`case.kind.${kind}`)}</Link>
        <span>{[common(`kind.${entry.appointment_kind}`), entry.title].filter(Boolean).join(" · ")}</span>
      </span>
      {status !== null && <Badge>{status}</Badge>}
    </li>
  );
}

/** The state of what an entry points at, in the words of that thing; null for one this page does not know. */
function useEntryStatus(entry: Entry): string | null {
  const { i18n } = useTranslation(["records", "booking", "desk"]);
  const [area, key] = {
    attendance: ["booking", "attendance.status"],
    recording: ["records", "recording.status"],
    summary: ["records", "summary.status"],
    note: ["records", "note.status"],
  }[entry.kind] ?? ["desk", "status"];
  const path = `${area ?? ""}:${key ?? ""}.${entry.status}`;
  // The status comes from the server, so its key cannot be known to the compiler.
  return i18n.exists(path) ? (i18n.t as unknown as (path: string) => string)(path) : null;
}
