/** The HTTP API, typed from the server's own OpenAPI document. Throws `Problem`, never returns an error. */
import createClient from "openapi-fetch";
import type { paths } from "./api.gen";
import { asProblem, problemOf } from "./problem";

export const api = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) => globalThis.fetch(request),
});

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of a successful answer; throws the `Problem` of any other. */
export async function answer<Data>(call: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw asProblem(cause);
  });
  if (!response.ok) throw problemOf(response.status, error);
  return (data ?? {}) as NonNullable<Data>;
}

/** Headers of a seeker's visit. */
export const asVisitor = (visit: string) => ({ Authorization: `Bearer ${visit}` });
