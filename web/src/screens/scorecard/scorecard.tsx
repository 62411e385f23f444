/** One's own 면접평가표 of one candidate. The server hides the others' cards until this one is submitted. */
import { useState } from "react";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { asProblem } from "../../net/problem";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Badge, Card } from "../../elements/card";
import { RadioGroup } from "../../elements/choice";
import { ConfirmDialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { PageTitle } from "../../elements/page";
import { ProblemBanner } from "../../elements/problem";
import { DraftStatusLine } from "../desk/draft-status";
import { FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import { useDraft } from "../desk/use-draft";
import page from "../desk/fields.module.css";
import { Decide } from "./decide";
import { OtherCards } from "./other-cards";
import { Outcome } from "./outcome";
import { RatingScale } from "./rating-scale";
import css from "./scorecard.module.css";

export type ScorecardView = components["schemas"]["ScorecardView"];
type Recommendation = components["schemas"]["Recommendation"];

interface Judgement {
  readonly ratings: Readonly<Record<string, number>>;
  readonly recommendation: Recommendation | null;
  readonly comment: string;
}

export const RECOMMENDATIONS: readonly Recommendation[] = ["strong_yes", "yes", "no", "strong_no"];

export const scorecardQuery = (id: string) =>
  queryOptions({
    queryKey: ["scorecards", id, "mine"],
    queryFn: () => answer(api.GET("/api/appointments/{appointment_id}/scorecard", { params: { path: { appointment_id: id } } })),
  });

export default function Scorecard({ id }: { id: string }) {
  const card = useQuery(scorecardQuery(id));
  return <FetchedPage query={card}>{(data) => <ScorecardPage key={data.status} appointmentId={id} card={data} />}</FetchedPage>;
}

function ScorecardPage({ appointmentId, card }: { appointmentId: string; card: ScorecardView }) {
  const { t } = useTranslation("hiring");
  const me = useMe();
  const moments = useMomentsIn(me.tenant.zone);
  const submitted = card.status === "submitted";
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{t("scorecard.title", { name: card.candidate.name })}</PageTitle>
          <p className={page.subtitle}>{[moments.dayTime(card.appointment.starts_at), card.appointment.title].filter(Boolean).join(" · ")}</p>
        </div>
        <div className={page.actions}>
          <ButtonTo href={`/desk/appointments/${appointmentId}`}>{t("scorecard.to_appointment")}</ButtonTo>
        </div>
      </div>
      <div className={page.columns}>
        <div className={page.column}>
          {submitted ? <SubmittedCard card={card} /> : <DraftCard appointmentId={appointmentId} card={card} />}
        </div>
        <div className={page.column}>
          <OtherCards appointmentId={appointmentId} kit={card.kit} submitted={submitted} />
          <Outcome
            standing={card.decision}
            form={
              me.role === "lead_interviewer" && card.application_id !== null ? (
                <Decide applicationId={card.application_id} submitted={submitted} />
              ) : null
            }
          />
        </div>
      </div>
    </>
  );
}

function DraftCard({ appointmentId, card }: { appointmentId: string; card: ScorecardView }) {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [asking, setAsking] = useState(false);
  const params = { params: { path: { appointment_id: appointmentId } } };
  const draft = useDraft<Judgement, null>(`appointments/${appointmentId}/scorecard`, {
    agreed: null,
    value: { ratings: card.ratings, recommendation: card.recommendation, comment: card.comment },
    isFinal: (error) => asProblem(error).status === 409,
    save: async (judgement) => {
      const body = { ...judgement, ratings: { ...judgement.ratings } };
      const saved = await answer(api.PUT("/api/appointments/{appointment_id}/scorecard", { ...params, body }));
      client.setQueryData(scorecardQuery(appointmentId).queryKey, saved);
      return null;
    },
  });
  const submit = useMutation({
    mutationFn: async () => {
      await draft.flush();
      if (draft.read().status !== "saved") throw draft.read().error;
      return answer(api.POST("/api/appointments/{appointment_id}/scorecard/submit", params));
    },
    onSuccess: async () => {
      announcer.note(t("scorecard.submitted_now"));
      await client.invalidateQueries({ queryKey: ["scorecards", appointmentId] });
      void client.invalidateQueries({ queryKey: ["desk"] });
    },
    onSettled: () => setAsking(false),
  });
  const { ratings, recommendation, comment } = draft.value;
  const change = (part: Partial<Judgement>) => draft.change({ ...draft.value, ...part });
  const missing = card.kit.attributes.filter(({ id }) => ratings[id] === undefined).length + (recommendation === null ? 1 : 0);
  return (
    <Card title={t("scorecard.mine")} actions={<DraftStatusLine status={draft.status} error={draft.error} />}>
      {card.kit.attributes.map((attribute) => (
        <RatingScale
          key={attribute.id}
          label={attribute.name}
          anchors={attribute.anchors}
          value={ratings[attribute.id] ?? null}
          onChange={(rating) => change({ ratings: { ...ratings, [attribute.id]: rating } })}
        />
      ))}
      <RadioGroup
        label={t("scorecard.overall")}
        inline
        choices={RECOMMENDATIONS.map((value) => ({ value, text: t(`recommendation.${value}`) }))}
        value={recommendation}
        onChange={(value) => change({ recommendation: value })}
      />
      <Field label={t("scorecard.comment")} help={t("scorecard.comment_help")} rows={4} value={comment} onChange={(value) => change({ comment: value })} />
      {submit.isError && <ProblemBanner error={submit.error} area="desk" />}
      <div className={css.submit}>
        <p className={page.small}>{missing > 0 ? t("scorecard.missing", { missing }) : t("scorecard.complete")}</p>
        <Button tone="primary" isDisabled={missing > 0} onPress={() => setAsking(true)}>{t("scorecard.submit")}</Button>
      </div>
      <ConfirmDialog
        title={t("scorecard.submit_title")}
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirmText={t("scorecard.submit")}
        pending={submit.isPending}
        onConfirm={() => submit.mutate()}
      >
        <p>{t("scorecard.submit_body")}</p>
      </ConfirmDialog>
    </Card>
  );
}

function SubmittedCard({ card }: { card: ScorecardView }) {
  const { t } = useTranslation("hiring");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <Card title={t("scorecard.mine")} actions={<Badge tone="success">{t("scorecard.submitted")}</Badge>}>
      <dl className={page.facts}>
        {card.kit.attributes.map(({ id, name }) => (
          <Pair key={id} name={name} value={card.ratings[id] === undefined ? "–" : t("scorecard.points", { rating: card.ratings[id] })} />
        ))}
        {card.recommendation !== null && <Pair name={t("scorecard.overall")} value={t(`recommendation.${card.recommendation}`)} />}
      </dl>
      {card.comment !== "" && <p className={page.text}>{card.comment}</p>}
      {card.submitted_at !== null && <p className={page.small}>{t("scorecard.submitted_at", { at: moments.dayTime(card.submitted_at) })}</p>}
    </Card>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
