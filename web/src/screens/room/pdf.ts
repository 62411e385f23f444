/** pdf.js behind two functions: open a document, draw one of its pages. It works in a worker from our own origin. */
import { getDocument, GlobalWorkerOptions, type RenderTask } from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";

export async function openPdf(bytes: ArrayBuffer) {
  GlobalWorkerOptions.workerSrc = workerUrl;
  // No forms that run scripts.
  const task = getDocument({ data: bytes, enableXfa: false, stopAtErrors: false });
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
    close: () => void task.destroy(),
  };
}
