/** The page of a document that everybody looks at; staff turn it for all. pdf.js is fetched only when one is shown. */
import { useEffect, useRef, useState } from "react";
import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import type { ShownView } from "../../net/messages.gen";
import { useCall } from "./call-context";
import type { Pages } from "./pdf";
import css from "./shown-document.module.css";

export function ShownDocument({ shown }: { shown: ShownView }) {
  const { t } = useTranslation("room");
  const { may, send } = useCall();
  const pages = usePages(shown.document);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [broken, setBroken] = useState(false);
  const [words, setWords] = useState("");
  useEffect(() => {
    const sheet = canvas.current;
    if (pages === null || pages === "failed" || sheet === null) return;
    const draw = () => {
      pages.render(shown.page, sheet, sheet.clientWidth).catch(() => setBroken(true));
    };
    pages.text(shown.page).then(setWords, () => setWords(""));
    const resized = new ResizeObserver(draw);
    if (sheet.parentElement !== null) resized.observe(sheet.parentElement);
    return () => resized.disconnect();
  }, [pages, shown.page]);
  const turn = (page: number) => () => void send("document.show", { document: shown.document, page });
  const failed = pages === "failed" || broken;
  return (
    <figure className={css.document}>
      <figcaption className={css.head}>
        <span className={css.title}>{shown.title}</span>
        <span>{t("documents.page", { page: shown.page, pages: shown.pages })}</span>
        {may("document.show") && (
          <span className={css.buttons}>
            <Button className={css.button ?? ""} isDisabled={shown.page <= 1} aria-label={t("documents.previous")} onPress={turn(shown.page - 1)}>
              <ChevronLeft aria-hidden="true" />
            </Button>
            <Button className={css.button ?? ""} isDisabled={shown.page >= shown.pages} aria-label={t("documents.next")} onPress={turn(shown.page + 1)}>
              <ChevronRight aria-hidden="true" />
            </Button>
            <Button className={css.button ?? ""} aria-label={t("documents.hide")} onPress={() => void send("document.show", { document: null })}>
              <X aria-hidden="true" />
            </Button>
          </span>
        )}
      </figcaption>
      {/* A long page scrolls; a region that scrolls can be reached by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={css.sheet} tabIndex={0} role="group" aria-label={t("documents.page_of", { title: shown.title, page: shown.page })}>
        {failed ? <p role="status">{t("documents.failed")}</p> : <canvas ref={canvas} aria-hidden="true" />}
        <p className="visually-hidden">{words}</p>
        {pages === null && <p role="status">{t("documents.loading")}</p>}
      </div>
    </figure>
  );
}

function usePages(id: string): Pages | "failed" | null {
  const { fetchDocument } = useCall().resources;
  const [pages, setPages] = useState<{ id: string; value: Pages | "failed" } | null>(null);
  useEffect(() => {
    let opened: Pages | null = null;
    let gone = false;
    fetchDocument(id)
      .then(async (bytes) => {
        const { openPdf } = await import("./pdf");
        opened = await openPdf(bytes);
        if (gone) opened.close();
        else setPages({ id, value: opened });
      })
      .catch(() => !gone && setPages({ id, value: "failed" }));
    return () => {
      gone = true;
      opened?.close();
    };
  }, [id, fetchDocument]);
  return pages?.id === id ? pages.value : null;
}
