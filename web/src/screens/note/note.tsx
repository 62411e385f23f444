/** The session note (상담일지): a private draft that saves itself, signed (확정) by its author, afterwards only amended. */
import { useState } from "react";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { asProblem } from "../../net/problem";
import { useAnnouncer } from "../../elements/announcer";
import { Badge, Card } from "../../elements/card";
import { Button } from "../../elements/button";
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
import { Amendments } from "./amendments";

type NoteView = components["schemas"]["NoteView"];

export const noteQuery = (id: string) =>
  queryOptions({ queryKey: ["notes", id], queryFn: () => answer(api.GET("/api/notes/{note_id}", { params: { path: { note_id: id } } })) });

export default function Note({ id }: { id: string }) {
  const note = useQuery(noteQuery(id));
  return <FetchedPage query={note}>{(data) => <NotePage key={data.status} note={data} />}</FetchedPage>;
}

function NotePage({ note }: { note: NoteView }) {
  const { t } = useTranslation("records");
  const { t: common } = useTranslation();
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{t("note.title", { name: note.seeker.name })}</PageTitle>
          <p className={page.subtitle}>{[moments.dayTime(note.appointment.starts_at), common(`kind.${note.appointment.kind}`), note.appointment.title].filter(Boolean).join(" · ")}</p>
        </div>
        <div className={page.actions}>
          <ButtonTo href={`/desk/cases/${note.case_id}`}>{t("note.to_case")}</ButtonTo>
        </div>
      </div>
      {note.status === "draft" ? <DraftNote note={note} /> : <SignedNote note={note} />}
    </>
  );
}

function DraftNote({ note }: { note: NoteView }) {
  const { t } = useTranslation("records");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [asking, setAsking] = useState(false);
  const params = { params: { path: { note_id: note.id } } };
  const draft = useDraft<string, number>(`notes/${note.id}`, {
    value: note.text,
    agreed: note.version,
    isFinal: (error) => asProblem(error).status === 409 || asProblem(error).status === 422,
    save: async (text, version) => {
      const saved = await answer(api.PUT("/api/notes/{note_id}", { ...params, body: { text, version } }));
      client.setQueryData(noteQuery(note.id).queryKey, saved);
      return saved.version;
    },
  });
  const sign = useMutation({
    mutationFn: async () => {
      await draft.flush();
      const { status, error, agreed } = draft.read();
      if (status !== "saved") throw error;
      return answer(api.POST("/api/notes/{note_id}/sign", { ...params, body: { version: agreed } }));
    },
    onSuccess: (signed) => {
      client.setQueryData(noteQuery(note.id).queryKey, signed);
      void client.invalidateQueries({ queryKey: ["desk"] });
      announcer.note(t("note.signed_now"));
    },
    onSettled: () => setAsking(false),
  });
  return (
    <Card title={t("note.draft")} actions={<DraftStatusLine status={draft.status} error={draft.error} />}>
      <p className={page.small}>{t("note.private")}</p>
      <Field label={t("note.text")} labelHidden rows={16} value={draft.value} onChange={draft.change} onBlur={() => void draft.flush()} />
      {sign.isError && <ProblemBanner error={sign.error} area="desk" />}
      <div className={page.actions}>
        <Button tone="primary" isDisabled={draft.value.trim() === ""} onPress={() => setAsking(true)}>{t("note.sign")}</Button>
      </div>
      <ConfirmDialog
        title={t("note.sign_title")}
        isOpen={asking}
        onClose={() => setAsking(false)}
        confirmText={t("note.sign")}
        pending={sign.isPending}
        onConfirm={() => sign.mutate()}
      >
        <p>{t("note.sign_body")}</p>
      </ConfirmDialog>
    </Card>
  );
}

function SignedNote({ note }: { note: NoteView }) {
  const { t } = useTranslation("records");
  const moments = useMomentsIn(useMe().tenant.zone);
  return (
    <>
      <Card title={t("note.signed")} actions={<Badge tone="success">{t("note.locked")}</Badge>}>
        <p className={page.text}>{note.text}</p>
        {note.signed_at !== null && (
          <p className={page.small}>{t("note.signed_by", { name: note.author.name, at: moments.dayTime(note.signed_at) })}</p>
        )}
      </Card>
      <Amendments note={note} />
    </>
  );
}
