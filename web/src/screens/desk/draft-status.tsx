/** Says how far what one writes has been kept. Read aloud only when something is wrong: saving is the normal case. */
import { useTranslation } from "react-i18next";
import { useProblemText } from "../../elements/problem";
import type { DraftStatus } from "./draft";
import css from "./draft-status.module.css";

export function DraftStatusLine({ status, error }: { status: DraftStatus; error: unknown }) {
  const { t } = useTranslation("desk");
  const problemText = useProblemText("desk");
  const wrong = status === "failed" || status === "refused";
  const why = status === "refused" && error !== undefined ? ` ${problemText(error)}` : "";
  return (
    <p className={css.status} data-status={status}>
      <span role={wrong ? "alert" : undefined}>{t(`state.${status}`)}{why}</span>
    </p>
  );
}
