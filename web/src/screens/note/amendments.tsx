/** What was added to a signed note, and the form that adds to it. Nothing here changes the signed text. */
import { useState, type FormEvent } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";

export function Amendments({ note }: { note: components["schemas"]["NoteView"] }) {
  const { t } = useTranslation("records");
  const me = useMe();
  const moments = useMomentsIn(me.tenant.zone);
  return (
    <Card title={t("note.amendments")}>
      {note.amendments.length === 0 && <p className={page.small}>{t("note.no_amendments")}</p>}
      <ol className={page.list}>
        {note.amendments.map((amendment) => (
          <li key={amendment.number}>
            <div className={page.item}>
              <span className={page.text}>{amendment.text}</span>
              <p>{t("note.amended_because", { reason: amendment.reason })}</p>
              <p>{t("note.amended_by", { number: amendment.number, name: amendment.by.name, at: moments.dayTime(amendment.at) })}</p>
            </div>
          </li>
        ))}
      </ol>
      {note.author.id === me.id && <AmendForm id={note.id} />}
    </Card>
  );
}

function AmendForm({ id }: { id: string }) {
  const { t } = useTranslation("records");
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const amend = useMutation({
    mutationFn: () => answer(api.POST("/api/notes/{note_id}/amend", { params: { path: { note_id: id } }, body: { text, reason } })),
    onSuccess: (amended) => {
      client.setQueryData(["notes", id], amended);
      setText("");
      setReason("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    amend.mutate();
  };
  return (
    <form className={page.form} onSubmit={submit}>
      <Field label={t("note.amend_text")} rows={4} isRequired value={text} onChange={setText} />
      <Field label={t("note.amend_reason")} isRequired value={reason} onChange={setReason} />
      {amend.isError && <ProblemBanner error={amend.error} area="desk" />}
      <div className={page.actions}>
        <Button type="submit" pending={amend.isPending}>{t("note.amend")}</Button>
      </div>
    </form>
  );
}
