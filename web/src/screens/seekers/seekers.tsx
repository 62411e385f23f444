/** The job seekers one is responsible for: found by name, and registered. */
import { useDeferredValue, useState } from "react";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { answer, api } from "../../net/http";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Field } from "../../elements/field";
import { PageTitle } from "../../elements/page";
import { Empty, Fetched } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { opensCases } from "../desk/may";
import { useMe } from "../desk/session";
import { phoneText } from "../../locales/phone";
import page from "../desk/fields.module.css";
import { RegisterSeeker } from "./register-seeker";

/** Job seekers whose name or number has `q` in it. */
export const seekersQuery = (q: string) =>
  queryOptions({
    queryKey: ["seekers", { q }],
    queryFn: () => answer(api.GET("/api/seekers", { params: { query: { q } } })),
    placeholderData: keepPreviousData,
  });

export default function Seekers() {
  const { t } = useTranslation("desk");
  const me = useMe();
  const [search, setSearch] = useState("");
  const [registering, setRegistering] = useState(false);
  const seekers = useQuery(seekersQuery(useDeferredValue(search.trim())));
  return (
    <>
      <div className={page.heading}>
        <PageTitle>{t("seekers.title")}</PageTitle>
        <Button tone="primary" icon={<UserPlus size={20} aria-hidden="true" />} onPress={() => setRegistering(true)}>
          {t("seekers.register")}
        </Button>
      </div>
      <Card>
        <Field label={t("seekers.search")} type="search" value={search} onChange={setSearch} />
        <Fetched query={seekers}>
          {(found) =>
            found.length === 0 ? (
              <Empty>{t(search.trim() === "" ? "seekers.none" : "seekers.not_found")}</Empty>
            ) : (
              <ul className={page.list}>
                {found.map((seeker) => (
                  <li key={seeker.id}>
                    <div className={page.item}>
                      {opensCases(me) && seeker.case_id !== null ? <Link href={`/desk/cases/${seeker.case_id}`}>{seeker.name}</Link> : <span>{seeker.name}</span>}
                      <p className={page.number}>{phoneText(seeker.phone ?? "")}</p>
                    </div>
                    <ButtonTo small href={`/desk/book?seeker=${seeker.id}`}>{t("seekers.book")}</ButtonTo>
                  </li>
                ))}
              </ul>
            )
          }
        </Fetched>
      </Card>
      <RegisterSeeker isOpen={registering} onClose={() => setRegistering(false)} />
    </>
  );
}
