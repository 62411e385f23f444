/** What the server answers when the answer is no: problem+json (RFC 9457) with a stable `code`. */

export interface FieldProblem {
  where: string;
  why: string;
}

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    /** What the code is about: names and numbers for its text. */
    readonly details: Readonly<Record<string, unknown>> = {},
    /** Fields of the request that were not accepted. */
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(code);
    this.name = "Problem";
  }
}

/** Reads the problem out of an answer that was not a success. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body !== "object" || body === null) return new Problem("unexpected", status);
  const { code, details, errors } = body as Record<string, unknown>;
  return new Problem(
    typeof code === "string" ? code : "unexpected",
    status,
    typeof details === "object" && details !== null ? (details as Record<string, unknown>) : {},
    Array.isArray(errors) ? (errors as FieldProblem[]) : [],
  );
}

/** Anything thrown on the way to the server, as a problem. `fetch` rejects with TypeError when there is no way. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(error instanceof TypeError ? "offline" : "unexpected", 0);
}

/** Whom to call about it, where the answer says so: a link that opens nothing any more still names its organisation. */
export function centreOf(error: unknown): { name: string; phone: string } | undefined {
  if (!(error instanceof Problem)) return undefined;
  const { organisation, phone } = error.details;
  return typeof organisation === "string" && typeof phone === "string" ? { name: organisation, phone } : undefined;
}

/** The server, its database or the way to it is away: asking again later may help, and nothing is wrong with what was asked. */
export function isAway(error: unknown): boolean {
  const { status } = asProblem(error);
  return status === 0 || status >= 500;
}
