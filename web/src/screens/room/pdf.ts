/** pdf.js behind a few functions: open a document, draw one of its pages, read its words. It works in a worker from our own origin. */
import { getDocument, GlobalWorkerOptions, type RenderTask } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";

/** Where the build puts what pdf.js fetches by name; see vite.config.ts. */
const PARTS_URL = "/assets/pdf/";

export interface Pages {
  render: (pageNumber: number, canvas: HTMLCanvasElement, widthPx: number) => Promise<void>;
  /** The words of a page, for those who hear it instead of seeing it. */
  text: (pageNumber: number) => Promise<string>;
  close: () => void;
}

export async function openPdf(bytes: ArrayBuffer): Promise<Pages> {
  GlobalWorkerOptions.workerSrc = workerUrl;
  const task = getDocument({
    data: bytes,
    enableXfa: false,
    cMapUrl: PARTS_URL,
    cMapPacked: true,
    wasmUrl: PARTS_URL,
    useWasm: false, // the content security policy has no word for it
  });
  const pdf = await task.promise;
  let drawing: RenderTask | null = null;
  return {
    async render(pageNumber: number, canvas: HTMLCanvasElement, widthPx: number): Promise<void> {
      drawing?.cancel();
      const page = await pdf.getPage(Math.min(Math.max(1, pageNumber), pdf.numPages));
      const scale = (widthPx / page.getViewport({ scale: 1 }).width) * window.devicePixelRatio;
      const viewport = page.getViewport({ scale });
      canvas.width = Math.floor(viewport.width);
      canvas.height = Math.floor(viewport.height);
      drawing = page.render({ canvas, viewport });
      await drawing.promise.catch((error: unknown) => {
        if ((error as Error).name !== "RenderingCancelledException") throw error;
      });
    },
    async text(pageNumber: number): Promise<string> {
      const page = await pdf.getPage(Math.min(Math.max(1, pageNumber), pdf.numPages));
      const { items } = await page.getTextContent();
      return items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
    },
    close: () => void task.destroy(),
  };
}
