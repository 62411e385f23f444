/** The desk's first page: who waits, what is next, how the day goes, and what waits for a person's word. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { CalendarPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { PageTitle } from "../../elements/page";
import { useNow } from "../../elements/use-now";
import page from "./fields.module.css";
import { FetchedPage } from "./fetched";
import { ButtonTo } from "./link";
import { useMomentsIn } from "./moments";
import { plans } from "./may";
import { Now } from "./now";
import { Schedule } from "./schedule";
import { useMe } from "./session";
import { ToConfirm } from "./to-confirm";
import css from "./today.module.css";

/** How often what the page says about time is said anew. */
const NOW_MOVES_MS = 15_000;

export type TodayView = components["schemas"]["DeskAnswer"];

export const deskQuery = queryOptions({ queryKey: ["desk"], queryFn: () => answer(api.GET("/api/desk")), refetchInterval: 60_000 });

export function Today() {
  const desk = useQuery(deskQuery);
  return <FetchedPage query={desk}>{(data) => <TodayPage desk={data} />}</FetchedPage>;
}

function TodayPage({ desk }: { desk: TodayView }) {
  const { t } = useTranslation("desk");
  const me = useMe();
  const nowMs = useNow(NOW_MOVES_MS);
  const moments = useMomentsIn(desk.zone);
  return (
    <>
      <div className={page.heading}>
        <div>
          <p className={page.subtitle}>{moments.fullDay(nowMs)}</p>
          <PageTitle name={t("today.title")}>
            <span className={css.line}>
              {t("today.line", { waiting: desk.waiting.length, soon: desk.soon.length, unapproved: desk.unapproved.length })}
            </span>
          </PageTitle>
        </div>
        <div className={page.actions}>
          {plans(me) && <ButtonTo href="/desk/book" tone="primary" icon={<CalendarPlus size={20} aria-hidden="true" />}>{t("today.book")}</ButtonTo>}
        </div>
      </div>
      <div className={css.parts}>
        <div className={css.now}><Now desk={desk} nowMs={nowMs} moments={moments} /></div>
        <div className={css.confirm}><ToConfirm desk={desk} /></div>
        <div className={css.schedule}><Schedule desk={desk} nowMs={nowMs} moments={moments} /></div>
      </div>
    </>
  );
}
