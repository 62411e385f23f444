/** The page of a document that everybody looks at; staff turn it for all. */
import { useTranslation } from "react-i18next";
import type { ShownView } from "../../net/messages.gen";
import { useCall } from "./call-context";
import { DocumentView } from "./document-view";
import css from "./document-view.module.css";

export function ShownDocument({ shown }: { shown: ShownView }) {
  const { t } = useTranslation("room");
  const { may, send } = useCall();
  const { document: id, page } = shown;
  const turning = {
    turn: (next: number) => void send("document.show", { document: id, page: next }),
    close: () => void send("document.show", { document: null }),
    closeName: t("documents.hide"),
  };
  return (
    <DocumentView
      paper={{ ...shown, id }}
      page={page}
      title={<span className={css.title}>{shown.title}</span>}
      failed={t("documents.failed")}
      {...(may("document.show") ? { turning } : {})}
    />
  );
}
