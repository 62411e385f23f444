/** The interview day of one posting: candidates in order, each with résumé, room and scorecard; beside them the kit. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { ButtonLink } from "../../elements/button";
import { Badge, Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { Empty, Fetched } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn } from "../desk/moments";
import { roomOf } from "../desk/places";
import { useMe } from "../desk/session";
import { StatusBadge } from "../desk/words";
import page from "../desk/fields.module.css";
import css from "./posting.module.css";

type PostingView = components["schemas"]["PostingView"];
type Candidate = PostingView["candidates"][number];

export const postingQuery = (id: string) =>
  queryOptions({ queryKey: ["postings", id], queryFn: () => answer(api.GET("/api/postings/{posting_id}", { params: { path: { posting_id: id } } })) });

export default function Posting({ id }: { id: string }) {
  const posting = useQuery(postingQuery(id));
  return <Fetched query={posting}>{(data) => <PostingPage posting={data} />}</Fetched>;
}

function PostingPage({ posting }: { posting: PostingView }) {
  const { t } = useTranslation("hiring");
  return (
    <>
      <PageTitle>{posting.title}</PageTitle>
      <div className={page.columns}>
        <div className={page.column}>
          <Card title={t("posting.today")}>
            {posting.candidates.length === 0 ? (
              <Empty>{t("posting.none_today")}</Empty>
            ) : (
              <ol className={page.list}>
                {posting.candidates.map((candidate) => <CandidateRow key={candidate.appointment_id} candidate={candidate} />)}
              </ol>
            )}
          </Card>
        </div>
        <div className={page.column}>
          <Card title={t("posting.questions")}>
            {posting.kit.questions.length === 0 && <Empty>{t("posting.no_questions")}</Empty>}
            <ol className={css.questions}>
              {posting.kit.questions.map((question) => (
                <li key={question.id}>
                  {question.text} <span className={page.small}>{t("posting.minutes", { minutes: question.minutes })}</span>
                </li>
              ))}
            </ol>
          </Card>
          <Card title={t("posting.attributes")}>
            <ul className={css.questions}>
              {posting.kit.attributes.map(({ id, name }) => <li key={id}>{name}</li>)}
            </ul>
          </Card>
        </div>
      </div>
    </>
  );
}

function CandidateRow({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation("hiring");
  const { t: desk } = useTranslation("desk");
  const moments = useMomentsIn(useMe().tenant.zone);
  const { name } = candidate.seeker;
  const live = candidate.status === "open" || candidate.status === "in_progress";
  return (
    <li>
      <span className={css.time}>{moments.time(candidate.starts_at)}</span>
      <div className={page.item}>
        <strong>{name}</strong>
        <span className={css.badges}>
          <StatusBadge status={candidate.status} />
          {live && <Badge tone={candidate.presence === "waiting" ? "primary" : "neutral"}>{desk(`presence.${candidate.presence}`)}</Badge>}
          {candidate.decision !== null && <Badge tone="success">{t(`decision.${candidate.decision}`)}</Badge>}
        </span>
      </div>
      <div className={page.actions}>
        {candidate.documents.map((document) => (
          <a key={document.id} className={css.resume} href={`/api/documents/${document.id}`} target="_blank" rel="noreferrer" aria-label={t("posting.resume_of", { name })}>
            <FileText size={18} aria-hidden="true" />{t("posting.resume")}
          </a>
        ))}
        {live && <ButtonLink small tone="primary" href={roomOf(candidate.appointment_id)} aria-label={t("posting.enter_for", { name })}>{t("posting.enter")}</ButtonLink>}
        {candidate.status === "completed" && (
          <ButtonTo small href={`/desk/appointments/${candidate.appointment_id}/scorecard`} aria-label={t("posting.evaluate_for", { name })}>{t("posting.evaluate")}</ButtonTo>
        )}
        <ButtonTo small tone="quiet" href={`/desk/appointments/${candidate.appointment_id}`} aria-label={t("posting.details_of", { name })}>{t("posting.details")}</ButtonTo>
      </div>
    </li>
  );
}
