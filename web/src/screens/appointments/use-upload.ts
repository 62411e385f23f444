/** Uploading a PDF to an appointment or an application. */
import { useMutation } from "@tanstack/react-query";
import { answer, api } from "../../net/http";
import type { IdempotencyKey } from "../../net/once";
import { Problem } from "../../net/problem";
import { useOnce } from "../desk/use-once";

export const PDF = "application/pdf";
const LARGEST_BYTES = 10 * 1024 * 1024;
const TITLE_CHARACTERS = 240;

type Owner = { appointment_id: string } | { application_id: string };

export interface Upload {
  file: File;
  owner: Owner;
}

/** Keeps the file under its own name. Throws a `Problem`. */
export async function uploadDocument({ file, owner }: Upload, key: IdempotencyKey) {
  // Said before the wait rather than after it; the server checks all the same.
  if (file.size > LARGEST_BYTES) throw new Problem("document_too_large", 413);
  const title = file.name.replace(/\.pdf$/i, "").slice(0, TITLE_CHARACTERS);
  return answer(api.POST("/api/documents", {
    params: { query: { title, ...owner } },
    headers: { "Content-Type": PDF, ...key },
    body: file,
    bodySerializer: () => file,
  }));
}

export function useUpload(owner: Owner, onKept: (title: string) => Promise<unknown>) {
  const upload = useOnce(uploadDocument);
  return useMutation({
    mutationFn: (file: File) => upload({ file, owner }),
    onSuccess: ({ title }) => onKept(title),
  });
}
