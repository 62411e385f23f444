/** A document that one member of staff reads alone, beside the faces: nothing of it is sent, and each turns their own pages. */
import { useEffect, useRef, useState } from "react";
import { EyeOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DocumentView as Paper } from "../../net/messages.gen";
import { DocumentView } from "./document-view";
import css from "./document-view.module.css";

export function OwnDocument({ paper, onClose }: { paper: Paper; onClose: () => void }) {
  const { t } = useTranslation("room");
  const [page, setPage] = useState(1);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  const title = (
    <>
      <h2 ref={heading} tabIndex={-1} className={css.title}>
        {paper.title}
      </h2>
      <span className={css.alone}>
        <EyeOff size={18} aria-hidden="true" />
        {t("documents.own.alone")}
      </span>
    </>
  );
  return (
    // Escape closes it from wherever the focus is inside; the buttons within have their own keys.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside
      className={css.own}
      aria-label={t("documents.own.name", { title: paper.title })}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <DocumentView
        paper={paper}
        page={page}
        title={title}
        failed={t("documents.own.failed")}
        turning={{ turn: setPage, close: onClose, closeName: t("panel.close", { name: paper.title }) }}
      />
    </aside>
  );
}
