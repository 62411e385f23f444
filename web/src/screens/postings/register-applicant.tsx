/** Taking in an applicant: name, phone, and the résumé if there is one. */
import { useState, type FormEvent } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FileTrigger } from "react-aria-components/FileTrigger";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import type { IdempotencyKey } from "../../net/once";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Dialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { PDF, uploadDocument } from "../appointments/use-upload";
import { seesContent } from "../desk/may";
import { useMe } from "../desk/session";
import { useOnce } from "../desk/use-once";
import page from "../desk/fields.module.css";
import { postingQuery, type Applicant } from "./queries";

const FORM = "register-applicant";

export function RegisterApplicant({ postingId, onClose }: { postingId: string; onClose: () => void }) {
  const { t } = useTranslation("hiring");
  const { t: desk } = useTranslation("desk");
  const { t: common } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [resume, setResume] = useState<File | null>(null);
  const [taken, setTaken] = useState<Applicant | null>(null);
  const create = useOnce(createApplication);
  const upload = useOnce(uploadDocument);
  const takeIn = async () => {
    const made = await create({ postingId, body: { name, phone, lang: "ko" } });
    setTaken(made);
    return made;
  };
  const register = useMutation({
    mutationFn: async () => {
      const applicant = taken ?? (await takeIn());
      if (resume !== null) await upload({ file: resume, owner: { application_id: applicant.id } });
      return applicant;
    },
    onSuccess: (applicant) => {
      announcer.note(t("applicants.registered", { name: applicant.seeker.name }));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: postingQuery(postingId).queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate();
  };
  return (
    <Dialog
      title={t("applicants.register")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{common(taken === null ? "action.cancel" : "action.close")}</Button>
          <Button type="submit" form={FORM} tone="primary" pending={register.isPending}>{t(taken === null ? "applicants.register_submit" : "applicants.upload_again")}</Button>
        </>
      }
    >
      <form id={FORM} className={page.form} onSubmit={submit}>
        {taken !== null && register.isError && <p>{t("applicants.without_resume", { name: taken.seeker.name })}</p>}
        {register.isError && <ProblemBanner error={register.error} area="desk" />}
        <Field label={desk("seekers.name")} isRequired isReadOnly={taken !== null} value={name} onChange={setName} />
        <Field label={desk("seekers.phone")} help={t("applicants.phone_help")} type="tel" isRequired isReadOnly={taken !== null} value={phone} onChange={setPhone} />
        {seesContent(me) && (
          <div className={page.form}>
            <div className={page.actions}>
              <FileTrigger acceptedFileTypes={[PDF]} onSelect={(files) => setResume(files?.[0] ?? null)}>
                <Button icon={<Upload size={18} aria-hidden="true" />}>{t("applicants.choose_resume")}</Button>
              </FileTrigger>
            </div>
            <p className={page.small} role="status">{resume === null ? t("applicants.resume_help") : t("applicants.chosen", { file: resume.name })}</p>
          </div>
        )}
      </form>
    </Dialog>
  );
}

const createApplication = ({ postingId, body }: { postingId: string; body: components["schemas"]["SeekerRegistration"] }, headers: IdempotencyKey) =>
  answer(api.POST("/api/postings/{posting_id}/applications", { params: { path: { posting_id: postingId } }, headers, body }));
