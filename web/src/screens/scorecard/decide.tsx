/** The outcome of an application, decided by the lead interviewer in person, once they have judged. Nothing proposes one. */
import { useState, type FormEvent } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { RadioGroup } from "../../elements/choice";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import page from "../desk/fields.module.css";

type Decision = components["schemas"]["Decision"];

const DECISIONS: readonly Decision[] = ["passed", "next_stage", "on_hold", "failed"];

export function Decide({ applicationId, submitted }: { applicationId: string; submitted: boolean }) {
  const { t } = useTranslation("hiring");
  return <Card title={t("decide.title")}>{submitted ? <DecideForm applicationId={applicationId} /> : <p className={page.small}>{t("decide.after_card")}</p>}</Card>;
}

function DecideForm({ applicationId }: { applicationId: string }) {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [decision, setDecision] = useState<Decision | null>(null);
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: (chosen: Decision) =>
      answer(api.POST("/api/applications/{application_id}/decision", { params: { path: { application_id: applicationId } }, body: { decision: chosen, reason } })),
    onSuccess: () => {
      announcer.note(t("decide.done"));
      void client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (decision !== null) decide.mutate(decision);
  };
  return (
    <form className={page.form} onSubmit={submit}>
      <RadioGroup
        label={t("decide.question")}
        help={t("decide.help")}
        inline
        choices={DECISIONS.map((value) => ({ value, text: t(`decision.${value}`) }))}
        value={decision}
        onChange={setDecision}
      />
      <Field label={t("decide.reason")} help={t("decide.reason_help")} rows={2} value={reason} onChange={setReason} />
      {decide.isError && <ProblemBanner error={decide.error} area="desk" />}
      <div className={page.actions}>
        <Button type="submit" tone="primary" isDisabled={decision === null} pending={decide.isPending}>{t("decide.submit")}</Button>
      </div>
    </form>
  );
}
