/** The interview day of one posting: today's candidates in order, each with résumé, room and scorecard. */
import { useTranslation } from "react-i18next";
import { ButtonLink } from "../../elements/button";
import { Badge, Card } from "../../elements/card";
import { Empty } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn } from "../desk/moments";
import { roomOf } from "../desk/places";
import { seesContent } from "../desk/may";
import { useMe } from "../desk/session";
import { StatusBadge } from "../desk/words";
import page from "../desk/fields.module.css";
import css from "./posting.module.css";
import type { PostingView } from "./queries";
import { Resumes } from "./resumes";

type Candidate = PostingView["candidates"][number];

export function Candidates({ candidates }: { candidates: readonly Candidate[] }) {
  const { t } = useTranslation("hiring");
  return (
    <Card title={t("posting.today")}>
      {candidates.length === 0 ? (
        <Empty>{t("posting.none_today")}</Empty>
      ) : (
        <ol className={page.list}>
          {candidates.map((candidate) => <CandidateRow key={candidate.appointment_id} candidate={candidate} />)}
        </ol>
      )}
    </Card>
  );
}

function CandidateRow({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation("hiring");
  const { t: desk } = useTranslation("desk");
  const me = useMe();
  const moments = useMomentsIn(me.tenant.zone);
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
        <Resumes name={name} documents={candidate.documents} />
        {live && seesContent(me) && <ButtonLink small tone="primary" href={roomOf(candidate.appointment_id)} aria-label={t("posting.enter_for", { name })}>{t("posting.enter")}</ButtonLink>}
        {candidate.status === "completed" && seesContent(me) && (
          <ButtonTo small href={`/desk/appointments/${candidate.appointment_id}/scorecard`} aria-label={t("posting.evaluate_for", { name })}>{t("posting.evaluate")}</ButtonTo>
        )}
        <ButtonTo small tone="quiet" href={`/desk/appointments/${candidate.appointment_id}`} aria-label={t("posting.details_of", { name })}>{t("posting.details")}</ButtonTo>
      </div>
    </li>
  );
}
