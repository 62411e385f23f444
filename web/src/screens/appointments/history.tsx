/** What became of an appointment, step by step: when, by whom and why. On a phone it is folded until asked for. */
import { useState } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Card } from "../../elements/card";
import { Fetched } from "../desk/fetched";
import { useMomentsIn, type Moments } from "../desk/moments";
import { useMe } from "../desk/session";
import css from "./history.module.css";

type HistoryLine = components["schemas"]["HistoryLine"];

/** Where the page has two columns there is room for all of it. */
const ROOMY = "(min-width: 60rem)";

const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ["history", id],
    queryFn: () => answer(api.GET("/api/appointments/{appointment_id}/history", { params: { path: { appointment_id: id } } })),
  });

export function History({ id }: { id: string }) {
  const { t } = useTranslation("booking");
  const history = useQuery(historyQuery(id));
  return (
    <Card title={t("history.title")}>
      <Fetched query={history}>{(lines) => <Timeline lines={lines} />}</Fetched>
    </Card>
  );
}

function Timeline({ lines }: { lines: HistoryLine[] }) {
  const { t } = useTranslation("booking");
  const moments = useMomentsIn(useMe().tenant.zone);
  const [open, setOpen] = useState(() => window.matchMedia(ROOMY).matches);
  const last = lines.at(-1);
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className={css.summary}>
        {last === undefined ? t("history.none") : t("history.latest", { step: t(`history.step.${last.step}`), at: moments.dayTime(last.at) })}
      </summary>
      <ol className={css.timeline}>
        {lines.map((line, number) => <Line key={number} line={line} moments={moments} />)}
      </ol>
    </details>
  );
}

function Line({ line, moments }: { line: HistoryLine; moments: Moments }) {
  const { t } = useTranslation("booking");
  return (
    <li className={css.line}>
      <p>
        <strong>{t(`history.step.${line.step}`)}</strong>
        {line.starts_at !== null && <span> {t("history.for", { at: moments.dayTime(line.starts_at) })}</span>}
      </p>
      <p className={css.when}>
        <time dateTime={line.at}>{moments.dayTime(line.at)}</time> · {line.by ?? t("history.itself")}
      </p>
      {line.reason !== null && <p className={css.reason}>{t("notice.reason", { reason: line.reason })}</p>}
    </li>
  );
}
