/** The employer's postings. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { answer, api } from "../../net/http";
import { Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { Empty, Fetched } from "../desk/fetched";
import page from "../desk/fields.module.css";

export const postingsQuery = queryOptions({ queryKey: ["postings"], queryFn: () => answer(api.GET("/api/postings")) });

export default function Postings() {
  const { t } = useTranslation("hiring");
  const postings = useQuery(postingsQuery);
  return (
    <>
      <PageTitle>{t("postings.title")}</PageTitle>
      <Card>
        <Fetched query={postings}>
          {(found) =>
            found.length === 0 ? (
              <Empty>{t("postings.none")}</Empty>
            ) : (
              <ul className={page.list}>
                {found.map((posting) => (
                  <li key={posting.id}>
                    <Link href={`/desk/postings/${posting.id}`}>{posting.title}</Link>
                    <span className={page.small}>{t("postings.today", { count: posting.candidates_today })}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Fetched>
      </Card>
    </>
  );
}
