/** What an applicant handed in; each opens in a window of its own. */
import { FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import css from "./posting.module.css";

export function Resumes({ name, documents }: { name: string; documents: readonly components["schemas"]["DocumentRef"][] }) {
  const { t } = useTranslation("hiring");
  return documents.map((document) => (
    <a key={document.id} className={css.resume} href={`/api/documents/${document.id}`} target="_blank" rel="noreferrer" aria-label={t("posting.resume_of", { name })}>
      <FileText size={18} aria-hidden="true" />{t("posting.resume")}
    </a>
  ));
}
