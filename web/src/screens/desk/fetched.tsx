/** What a page shows while its content is on its way, and when it cannot come. */
import type { ReactNode } from "react";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loading, PageTitle } from "../../elements/page";
import { ProblemBanner } from "../../elements/problem";
import css from "./fetched.module.css";

/** The content once it is there. Content that could not be renewed stays visible beneath the reason. */
export function Fetched<Data>({ query, children }: { query: UseQueryResult<Data>; children: (data: Data) => ReactNode }) {
  return (
    <>
      {query.isError && <ProblemBanner error={query.error} area="desk" onRetry={() => void query.refetch()} />}
      {query.isPending ? <Loading /> : query.data !== undefined && children(query.data)}
    </>
  );
}

/** The same for a whole page: where it cannot be opened, its heading says so. */
export function FetchedPage<Data>({ query, children }: { query: UseQueryResult<Data>; children: (data: Data) => ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      {query.isError && query.data === undefined && <PageTitle>{t("page.failed")}</PageTitle>}
      <Fetched query={query}>{children}</Fetched>
    </>
  );
}

/** Said where a list has nothing in it: what would be here, and what one can do. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <p>{children}</p>
      {action}
    </div>
  );
}
