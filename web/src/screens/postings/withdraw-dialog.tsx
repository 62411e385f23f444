/** Taking an application back, with the reason. */
import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { ConfirmDialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { postingQuery, type Applicant } from "./queries";

export function WithdrawDialog({ applicant, postingId, onClose }: { applicant: Applicant; postingId: string; onClose: () => void }) {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [reason, setReason] = useState("");
  const { name } = applicant.seeker;
  const withdraw = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/applications/{application_id}/withdraw", { params: { path: { application_id: applicant.id } }, body: { reason } })),
    onSuccess: async () => {
      announcer.note(t("withdraw.noted", { name }));
      await client.invalidateQueries({ queryKey: postingQuery(postingId).queryKey });
      void client.invalidateQueries({ queryKey: ["desk"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t("withdraw.title", { name })}
      isOpen
      onClose={onClose}
      confirmText={t("withdraw.submit")}
      confirmTone="danger"
      pending={withdraw.isPending}
      isDisabled={reason.trim() === ""}
      onConfirm={() => withdraw.mutate()}
    >
      <Field label={t("withdraw.reason")} help={t("withdraw.help")} rows={3} maxLength={300} isRequired value={reason} onChange={setReason} />
      {withdraw.isError && <ProblemBanner error={withdraw.error} area="desk" />}
    </ConfirmDialog>
  );
}
