/** The draft of a summary that is not there yet: it is being written, or it failed and can be tried again. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { ProblemBanner } from "../../elements/problem";

export interface Draft {
  appointmentId: string;
  job: components["schemas"]["JobView"] | null;
}

/** Whether there is anything to say of it; a draft that is done with no summary had nothing to tell. */
export const isUnderWay = ({ job }: Draft) => job !== null && job.status !== "done";

function Retry({ appointmentId }: { appointmentId: string }) {
  const { t } = useTranslation("records");
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => answer(api.POST("/api/appointments/{appointment_id}/summary/retry", { params: { path: { appointment_id: appointmentId } } })),
    onSuccess: () => Promise.all(["after", "recordings"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
  return (
    <>
      <Button pending={retry.isPending} onPress={() => retry.mutate()}>{t("draft.retry")}</Button>
      {retry.isError && <ProblemBanner error={retry.error} area="desk" />}
    </>
  );
}

/** Beside a recording, which is ready all the same. */
export function DraftBanner({ draft }: { draft: Draft }) {
  const { t } = useTranslation("records");
  if (draft.job?.status !== "failed") return <Banner title={t("draft.writing")} live />;
  return (
    <Banner tone="warning" title={t("draft.failed")} action={<Retry appointmentId={draft.appointmentId} />} live>
      <p>{t("draft.failed_help")}</p>
    </Banner>
  );
}

/** In a list of what was made. */
export function DraftLine({ draft }: { draft: Draft }) {
  const { t } = useTranslation("records");
  if (draft.job?.status !== "failed") return <span>{t("draft.writing")}</span>;
  return (
    <>
      <span>{t("draft.failed")}</span>
      <Retry appointmentId={draft.appointmentId} />
    </>
  );
}
