/** Uploading a PDF to an appointment or an application. */
import { useMutation } from "@tanstack/react-query";
import { answer, api, idempotencyKey } from "../../net/http";
import { Problem } from "../../net/problem";

export const PDF = "application/pdf";
const LARGEST_BYTES = 10 * 1024 * 1024;
const TITLE_CHARACTERS = 240;

type Owner = { appointment_id: string } | { application_id: string };

/** Keeps the file under its own name. Throws a `Problem`. */
export function upload(file: File, owner: Owner) {
  // Said before the wait rather than after it; the server checks all the same.
  if (file.size > LARGEST_BYTES) throw new Problem("document_too_large", 413);
  const title = file.name.replace(/\.pdf$/i, "").slice(0, TITLE_CHARACTERS);
  return answer(api.POST("/api/documents", {
    params: { query: { title, ...owner } },
    headers: { "Content-Type": PDF, ...idempotencyKey() },
    body: file,
    bodySerializer: () => file,
  }));
}

export const useUpload = (owner: Owner, onKept: (title: string) => Promise<unknown>) =>
  useMutation({
    mutationFn: (file: File) => Promise.resolve(file).then((one) => upload(one, owner)),
    onSuccess: ({ title }) => onKept(title),
  });
