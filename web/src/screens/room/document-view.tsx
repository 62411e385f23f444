/** A page of a document with the controls around it. pdf.js is fetched only when one is looked at. */
import { useEffect, useRef, useState, type ReactNode, type Ref } from "react";
import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import type { DocumentView as Paper } from "../../net/messages.gen";
import { useCall } from "./call-context";
import css from "./document-view.module.css";
import type { Pages } from "./pdf";

interface DocumentViewProps {
  paper: Paper;
  page: number;
  /** The title, and who looks at it where that is not everybody. */
  title: ReactNode;
  /** What to say if it cannot be opened. */
  failed: string;
  /** Without it the pages are turned by somebody else, who also closes it. */
  turning?: { turn: (page: number) => void; close: () => void; closeName: string };
}

export function DocumentView({ paper, page, title, failed, turning }: DocumentViewProps) {
  const { t } = useTranslation("room");
  const sheet = useRef<HTMLDivElement>(null);
  const turn = (to: number) => () => {
    turning?.turn(to);
    // The button of the direction in which nothing is left would take the focus with it.
    if (to <= 1 || to >= paper.pages) sheet.current?.focus();
  };
  return (
    <figure className={css.document}>
      <figcaption className={css.head}>
        {title}
        <span className={css.buttons}>
          <span className={css.page}>{t("documents.page", { page, pages: paper.pages })}</span>
          {turning !== undefined && (
            <>
              <Button className={css.button ?? ""} isDisabled={page <= 1} aria-label={t("documents.previous")} onPress={turn(page - 1)}>
                <ChevronLeft aria-hidden="true" />
              </Button>
              <Button className={css.button ?? ""} isDisabled={page >= paper.pages} aria-label={t("documents.next")} onPress={turn(page + 1)}>
                <ChevronRight aria-hidden="true" />
              </Button>
              <Button className={css.button ?? ""} aria-label={turning.closeName} onPress={turning.close}>
                <X aria-hidden="true" />
              </Button>
            </>
          )}
        </span>
      </figcaption>
      <Sheet key={paper.id} ref={sheet} paper={paper} page={page} failed={failed} />
    </figure>
  );
}

function Sheet({ ref, paper, page, failed }: Pick<DocumentViewProps, "paper" | "page" | "failed"> & { ref: Ref<HTMLDivElement> }) {
  const { t } = useTranslation("room");
  const pages = usePages(paper.id);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [broken, setBroken] = useState(false);
  const [words, setWords] = useState("");
  useEffect(() => {
    const sheet = canvas.current;
    if (pages === null || pages === "failed" || sheet === null) return;
    const draw = () => {
      pages.render(page, sheet, sheet.clientWidth).catch(() => setBroken(true));
    };
    pages.text(page).then(setWords, () => setWords(""));
    const resized = new ResizeObserver(draw);
    if (sheet.parentElement !== null) resized.observe(sheet.parentElement);
    return () => resized.disconnect();
  }, [pages, page]);
  return (
    // A long page scrolls; a region that scrolls can be reached by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={ref} className={css.sheet} tabIndex={0} role="group" aria-label={t("documents.page_of", { title: paper.title, page })}>
      {pages === "failed" || broken ? <p role="status">{failed}</p> : <canvas ref={canvas} aria-hidden="true" />}
      <p className="visually-hidden">{words}</p>
      {pages === null && <p role="status">{t("documents.loading")}</p>}
    </div>
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
