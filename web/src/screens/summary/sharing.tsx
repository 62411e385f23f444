/** Sharing an approved summary with the seeker: its own act, on its own link, which can be taken back. */
import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { ConfirmDialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { CopyButton } from "../desk/copy-button";
import page from "../desk/fields.module.css";
import type { SummaryView } from "./summary";

export function Sharing({ summary }: { summary: SummaryView }) {
  const { t } = useTranslation("records");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [asking, setAsking] = useState<"share" | "unshare" | null>(null);
  const params = { params: { path: { summary_id: summary.id } } };
  const settled = {
    onSuccess: () => client.invalidateQueries({ queryKey: ["summaries", summary.id] }),
    onSettled: () => setAsking(null),
  };
  const share = useMutation({ mutationFn: () => answer(api.POST("/api/summaries/{summary_id}/share", params)), ...settled });
  const unshare = useMutation({
    mutationFn: () => answer(api.DELETE("/api/summaries/{summary_id}/share", params)),
    ...settled,
    onSuccess: async () => {
      share.reset();
      announcer.note(t("share.taken_back"));
      await settled.onSuccess();
    },
  });
  const shared = summary.status === "shared";
  return (
    <Card title={t("share.title")}>
      <p>{t(shared ? "share.is_shared" : "share.not_shared")}</p>
      {share.data !== undefined && (
        <>
          <Field label={t("share.link")} isReadOnly value={share.data.url} help={t("share.once")} />
          <div className={page.actions}><CopyButton tone="primary" text={share.data.url}>{t("share.copy")}</CopyButton></div>
        </>
      )}
      {(share.error ?? unshare.error) !== null && <ProblemBanner error={share.error ?? unshare.error} area="desk" />}
      <div className={page.actions}>
        <Button tone={shared ? "secondary" : "primary"} onPress={() => setAsking("share")}>{t(shared ? "share.again" : "share.share")}</Button>
        {shared && <Button onPress={() => setAsking("unshare")}>{t("share.unshare")}</Button>}
      </div>
      <ConfirmDialog
        title={t(shared ? "share.again_title" : "share.ask_title")}
        isOpen={asking === "share"}
        onClose={() => setAsking(null)}
        confirmText={t(shared ? "share.again" : "share.share")}
        pending={share.isPending}
        onConfirm={() => share.mutate()}
      >
        <p>{t(shared ? "share.again_body" : "share.ask_body")}</p>
      </ConfirmDialog>
      <ConfirmDialog
        title={t("share.unshare_title")}
        isOpen={asking === "unshare"}
        onClose={() => setAsking(null)}
        confirmText={t("share.unshare")}
        confirmTone="danger"
        pending={unshare.isPending}
        onConfirm={() => unshare.mutate()}
      >
        <p>{t("share.unshare_body")}</p>
      </ConfirmDialog>
    </Card>
  );
}
