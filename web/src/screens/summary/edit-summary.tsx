/** Changing a summary. It saves itself; approving sends what is written first and stands for exactly that. */
import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { asProblem } from "../../net/problem";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { DraftStatusLine } from "../desk/draft-status";
import { useDraft } from "../desk/use-draft";
import page from "../desk/fields.module.css";
import css from "./summary.module.css";
import { LineRow } from "./line-row";
import { asEdited, asSent, moved, withAdded, without, withText, type EditedLine, type SummaryLanguage } from "./lines";
import type { SummaryView } from "./summary";

/** The version saved last, and the ids that the server gave to added lines. */
interface Agreed {
  readonly version: number;
  readonly ids: ReadonlyMap<string, string>;
}

export function EditSummary({ summary, onSeek, onDone }: {
  summary: SummaryView;
  onSeek: ((seconds: number) => void) | null;
  onDone: () => void;
}) {
  const { t, i18n } = useTranslation("records");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [language] = useState<SummaryLanguage>(i18n.language === "en" ? "en" : "ko");
  const params = { params: { path: { summary_id: summary.id } } };
  const draft = useDraft<readonly EditedLine[], Agreed>(`summaries/${summary.id}/${language}`, {
    value: asEdited(summary.lines, language),
    agreed: { version: summary.version, ids: new Map() },
    isFinal: (error) => asProblem(error).status === 409 || asProblem(error).status === 422,
    save: async (lines, { version, ids }) => {
      const sent = asSent(lines, ids, language);
      const body = { version, lines: sent.map(({ id, text_ko, text_en }) => ({ id, text_ko, text_en })) };
      const saved = await answer(api.PUT("/api/summaries/{summary_id}", { ...params, body }));
      client.setQueryData(["summaries", summary.id], saved);
      return { version: saved.version, ids: new Map(sent.map(({ key }, index) => [key, saved.lines[index]?.id ?? key])) };
    },
  });
  const approve = useMutation({
    mutationFn: async () => {
      await draft.flush();
      const { status, error, agreed } = draft.read();
      if (status !== "saved") throw error;
      return answer(api.POST("/api/summaries/{summary_id}/approve", { ...params, body: { version: agreed.version } }));
    },
    onSuccess: (approved) => {
      client.setQueryData(["summaries", summary.id], approved);
      void client.invalidateQueries({ queryKey: ["desk"] });
      announcer.note(t("summary.approved_now"));
      onDone();
    },
  });
  const lines = draft.value;
  return (
    <Card title={t("summary.draft")} actions={<DraftStatusLine status={draft.status} error={draft.error} />}>
      <p className={page.small}>{t("summary.draft_help")}</p>
      <ul className={page.list}>
        {lines.map((edited, index) => (
          <LineRow
            key={edited.key}
            line={edited.line}
            onSeek={onSeek}
            actions={<LineActions index={index} last={lines.length - 1} onMove={(by) => draft.change(moved(lines, edited.key, by))} onRemove={() => draft.change(without(lines, edited.key))} />}
          >
            <Field
              label={t("summary.line", { number: index + 1 })}
              labelHidden
              rows={2}
              value={edited.text}
              onChange={(text) => draft.change(withText(lines, edited.key, text))}
            />
          </LineRow>
        ))}
      </ul>
      <div className={page.actions}>
        <Button icon={<Plus size={18} aria-hidden="true" />} onPress={() => draft.change(withAdded(lines, crypto.randomUUID()))}>
          {t("summary.add")}
        </Button>
      </div>
      {approve.isError && <ProblemBanner error={approve.error} area="desk" />}
      <div className={css.approve}>
        <p className={page.small}>{t("summary.approve_help")}</p>
        <Button tone="primary" pending={approve.isPending} isDisabled={lines.length === 0} onPress={() => approve.mutate()}>{t("summary.approve")}</Button>
      </div>
    </Card>
  );
}

function LineActions({ index, last, onMove, onRemove }: { index: number; last: number; onMove: (by: -1 | 1) => void; onRemove: () => void }) {
  const { t } = useTranslation("records");
  const number = index + 1;
  return (
    <>
      <Button small tone="quiet" aria-label={t("summary.up", { number })} isDisabled={index === 0} onPress={() => onMove(-1)}><ArrowUp size={18} aria-hidden="true" /></Button>
      <Button small tone="quiet" aria-label={t("summary.down", { number })} isDisabled={index === last} onPress={() => onMove(1)}><ArrowDown size={18} aria-hidden="true" /></Button>
      <Button small tone="quiet" aria-label={t("summary.remove", { number })} onPress={onRemove}><Trash2 size={18} aria-hidden="true" /></Button>
    </>
  );
}
