/** The link of a guest. It is shown when it is made and never again: only its hash is kept. A new one ends the old one. */
import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { Button } from "../../elements/button";
import { ConfirmDialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { CopyButton } from "../desk/copy-button";
import page from "../desk/fields.module.css";
import css from "./people.module.css";
import { appointmentQuery, type SeatCard } from "./queries";

export function GuestLink({ appointmentId, seat }: { appointmentId: string; seat: SeatCard }) {
  const { t } = useTranslation("booking");
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const issue = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/appointments/{appointment_id}/seats/{seat_id}/link", { params: { path: { appointment_id: appointmentId, seat_id: seat.id } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["postings"] }); // a posting's page says who has a link, too
      return client.invalidateQueries({ queryKey: appointmentQuery(appointmentId).queryKey });
    },
    onSettled: () => setAsking(false),
  });
  const { name } = seat;
  return (
    <>
      <Button
        small
        icon={<Link2 size={18} aria-hidden="true" />}
        pending={issue.isPending}
        aria-label={t(seat.has_link ? "link.again_for" : "link.make_for", { name })}
        onPress={() => (seat.has_link ? setAsking(true) : issue.mutate())}
      >
        {t(seat.has_link ? "link.again" : "link.make")}
      </Button>
      {issue.isError && <ProblemBanner error={issue.error} area="desk" />}
      {issue.data !== undefined && (
        <div className={css.link} role="group" aria-label={t("link.of", { name })}>
          <Field label={t("link.of", { name })} help={t("link.once")} isReadOnly value={issue.data.url} />
          <div className={page.actions}>
            <CopyButton small tone="primary" text={issue.data.message_ko}>{t("link.copy_message_ko")}</CopyButton>
            <CopyButton small text={issue.data.message_en}>{t("link.copy_message_en")}</CopyButton>
            <CopyButton small text={issue.data.url}>{t("link.copy")}</CopyButton>
          </div>
        </div>
      )}
      <ConfirmDialog
        title={t("link.again_title", { name })}
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirmText={t("link.again")}
        pending={issue.isPending}
        onConfirm={() => issue.mutate()}
      >
        <p>{t("link.again_body")}</p>
      </ConfirmDialog>
    </>
  );
}
