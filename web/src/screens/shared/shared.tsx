/** A summary that a counsellor has shared, read by the seeker on its own link: no account, nothing else within reach. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { asProblem, centreOf, isAway, type Problem } from "../../net/problem";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Loading, Page, PageTitle } from "../../elements/page";
import { useProblemText } from "../../elements/problem";
import css from "./shared.module.css";

type SharedSummary = components["schemas"]["SharedSummary"];

export default function Shared() {
  const [summary, setSummary] = useState<SharedSummary | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const retry = () => {
    setProblem(null);
    setAttempt(attempt + 1);
  };
  useEffect(() => {
    let left = false;
    // The secret is in the fragment, which browsers do not send; only this request carries it.
    const secret = decodeURIComponent(location.hash.slice(1));
    answer(api.POST("/api/shared", { body: { secret } })).then(
      (found) => !left && setSummary(found),
      (error: unknown) => !left && setProblem(asProblem(error)),
    );
    return () => void (left = true);
  }, [attempt]);
  return (
    <Page centre={summary?.centre ?? centreOf(problem)}>
      {problem !== null ? <NotShared problem={problem} onRetry={retry} /> : summary === null ? <Loading /> : <SharedText summary={summary} />}
    </Page>
  );
}

function SharedText({ summary }: { summary: SharedSummary }) {
  const { t, i18n } = useTranslation("shared");
  const english = i18n.language === "en";
  const at = new Intl.DateTimeFormat(english ? "en-GB" : "ko-KR", { dateStyle: "long", timeStyle: "short", timeZone: summary.tz });
  return (
    <>
      <PageTitle>{t("title")}</PageTitle>
      <p className={css.when}>{at.format(new Date(summary.starts_at))} · {summary.title}</p>
      <Card title={t("text")}>
        <ul className={css.lines}>
          {summary.lines.map((line, index) => <li key={index}>{english ? line.text_en : line.text_ko}</li>)}
        </ul>
      </Card>
      <p className={css.about}>{t("approved_by", { name: summary.approved_by })}</p>
      <p className={css.about}>{t("about")}</p>
    </>
  );
}

function NotShared({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const { t } = useTranslation("shared");
  const { t: common } = useTranslation();
  const problemText = useProblemText("shared");
  return (
    <>
      <PageTitle>{t("not_there")}</PageTitle>
      <Banner tone="warning" action={isAway(problem) && <Button onPress={onRetry}>{common("action.retry")}</Button>}>
        <p>{problemText(problem)}</p>
      </Banner>
    </>
  );
}
