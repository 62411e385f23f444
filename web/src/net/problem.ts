/** What the server answers when the answer is no: problem+json (RFC 9457) with a stable `code`. */

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    /** Seconds until trying again makes sense, when the server knows. */
    readonly retryAfterS: number | null = null,
    /** Members of the problem document beyond the standard ones. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(code);
    this.name = "Problem";
  }
}

/** Reads the problem out of an answer that was not a success. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body !== "object" || body === null) return new Problem("unexpected", status);
  const members = body as Record<string, unknown>;
  const code = typeof members.code === "string" ? members.code : "unexpected";
  const retryAfterS = typeof members.retry_after === "number" ? members.retry_after : null;
  return new Problem(code, status, retryAfterS, members);
}

/** Anything thrown on the way to the server, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(error instanceof TypeError ? "offline" : "unexpected", 0);
}
