/** PDFs of an appointment: what may be looked at together in the room. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { ProblemBanner } from "../../elements/problem";
import { Empty, Fetched } from "../desk/fetched";
import page from "../desk/fields.module.css";
import css from "./people.module.css";
import { isAhead, isLive, type AppointmentCard } from "./queries";
import { PDF, useUpload } from "./use-upload";

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
  const upload = useUpload({ appointment_id: appointmentId }, (title) => {
    announcer.note(t("documents.kept", { title }));
    return client.invalidateQueries({ queryKey: documentsQuery(appointmentId).queryKey });
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
