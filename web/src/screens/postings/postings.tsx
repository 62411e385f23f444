/** The employer's postings: the open ones, and on request those that are closed. */
import { useState } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { components } from "../../net/api.gen";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { Empty, Fetched } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { hires } from "../desk/may";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import { closedPostingsQuery, postingsQuery } from "./queries";

type PostingLine = components["schemas"]["PostingLine"];

export default function Postings() {
  const { t } = useTranslation("hiring");
  const me = useMe();
  const [closed, setClosed] = useState(false);
  const postings = useQuery(postingsQuery);
  return (
    <>
      <div className={page.heading}>
        <PageTitle>{t("postings.title")}</PageTitle>
        {hires(me) && <ButtonTo tone="primary" href="/desk/postings/new" icon={<Plus size={20} aria-hidden="true" />}>{t("postings.make")}</ButtonTo>}
      </div>
      <Card>
        <Fetched query={postings}>{(found) => (found.length === 0 ? <Empty>{t("postings.none")}</Empty> : <Lines postings={found} />)}</Fetched>
      </Card>
      {closed ? <Closed /> : <div className={page.actions}><Button onPress={() => setClosed(true)}>{t("postings.show_closed")}</Button></div>}
    </>
  );
}

function Closed() {
  const { t } = useTranslation("hiring");
  const postings = useInfiniteQuery(closedPostingsQuery);
  return (
    <Card title={t("postings.closed")}>
      <Fetched query={postings}>
        {({ pages }) => (pages.flat().length === 0 ? <Empty>{t("postings.none_closed")}</Empty> : <Lines postings={pages.flat()} />)}
      </Fetched>
      {postings.hasNextPage && (
        <div className={page.actions}><Button pending={postings.isFetchingNextPage} onPress={() => void postings.fetchNextPage()}>{t("postings.more")}</Button></div>
      )}
    </Card>
  );
}

function Lines({ postings }: { postings: readonly PostingLine[] }) {
  const { t } = useTranslation("hiring");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <ul className={page.list}>
      {postings.map((posting) => (
        <li key={posting.id}>
          <Link href={`/desk/postings/${posting.id}`}>{posting.title}</Link>
          <span className={page.small}>
            {posting.closed_at === null ? t("postings.today", { count: posting.candidates_today }) : t("posting.closed_on", { day: moments.day(posting.closed_at) })}
          </span>
        </li>
      ))}
    </ul>
  );
}
