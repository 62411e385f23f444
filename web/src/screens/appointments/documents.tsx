/** PDFs of an appointment: what may be looked at together in the room. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { answer, api, idempotencyKey } from "../../net/http";
import { Problem } from "../../net/problem";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { ProblemBanner } from "../../elements/problem";
import { Empty, Fetched } from "../desk/fetched";
import page from "../desk/fields.module.css";
import css from "./people.module.css";
import { isAhead, isLive, type AppointmentCard } from "./queries";

const PDF = "application/pdf";
const LARGEST_BYTES = 10 * 1024 * 1024;
const TITLE_CHARACTERS = 240;

export const documentsQuery = (id: string) =>
  queryOptions({
    queryKey: ["documents", id],
    queryFn: () => answer(api.GET("/api/appointments/{appointment_id}/documents", { params: { path: { appointment_id: id } } })),
  });

export function Documents({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const documents = useQuery(documentsQuery(card.id));
  return (
    <Card title={t("documents.title")}>
      <Fetched query={documents}>
        {(kept) =>
          kept.length === 0 ? (
            <Empty>{t("documents.none")}</Empty>
          ) : (
            <ul className={page.list}>
              {kept.map(({ id, title, pages }) => (
                <li key={id}>
                  <a className={css.document} href={`/api/documents/${id}`} target="_blank" rel="noreferrer">
                    <FileText size={18} aria-hidden="true" />
                    {title}
                    <span className="visually-hidden"> {t("documents.new_window")}</span>
                  </a>
                  <span className={page.small}>{t("documents.pages", { pages })}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Fetched>
      {(isAhead(card) || isLive(card)) && <UploadDocument appointmentId={card.id} />}
    </Card>
  );
}

function UploadDocument({ appointmentId }: { appointmentId: string }) {
  const { t } = useTranslation("booking");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const upload = useMutation({
    mutationFn: (file: File) => {
      // Said before the wait rather than after it; the server checks all the same.
      if (file.size > LARGEST_BYTES) throw new Problem("document_too_large", 413);
      const title = file.name.replace(/\.pdf$/i, "").slice(0, TITLE_CHARACTERS);
      return answer(api.POST("/api/documents", {
        params: { query: { title, appointment_id: appointmentId } },
        headers: { "Content-Type": PDF, ...idempotencyKey() },
        body: file,
        bodySerializer: () => file,
      }));
    },
    onSuccess: (document) => {
      announcer.note(t("documents.kept", { title: document.title }));
      return client.invalidateQueries({ queryKey: documentsQuery(appointmentId).queryKey });
    },
  });
  const choose = (files: FileList | null) => {
    const file = files?.[0];
    if (file !== undefined) upload.mutate(file);
  };
  return (
    <>
      {upload.isError && <ProblemBanner error={upload.error} area="desk" />}
      <div className={page.actions}>
        <FileTrigger acceptedFileTypes={[PDF]} onSelect={choose}>
          <Button icon={<Upload size={18} aria-hidden="true" />} pending={upload.isPending}>{t("documents.add")}</Button>
        </FileTrigger>
      </div>
      <p className={page.small}>{t("documents.help")}</p>
    </>
  );
}
