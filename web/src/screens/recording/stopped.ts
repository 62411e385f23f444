/**
 * Why a recording stopped. A media element says much the same of a lost line, of a grant that is over and of a file that
 * is gone, so the file itself is asked: one byte of it, which needs no other opening.
 */
import { asProblem, problemOf, type Problem } from "../../net/problem";

export type Stopped =
  | { why: "expired" | "line" | "broken" }
  | { why: "refused"; problem: Problem };

const ANSWERS_WITHIN_MS = 8000;
const GRANT_IS_OVER = "playback_over";
const LINE_BROKE = 2; // MediaError.MEDIA_ERR_NETWORK

/** Whether playing may go on with the grant one has: no other opening, and no other line in the audit trail. */
export const keepsGrant = ({ why }: Stopped): boolean => why === "line" || why === "broken";

/** `code` is the media element's (`MediaError`). */
export async function whyStopped(url: string, code: number): Promise<Stopped> {
  const problem = await askFor(url);
  if (problem === null) return { why: code === LINE_BROKE ? "line" : "broken" };
  if (problem.code === GRANT_IS_OVER) return { why: "expired" };
  return problem.status === 0 ? { why: "line" } : { why: "refused", problem };
}

/** What is the matter with the file, or null where it is handed out. */
async function askFor(url: string): Promise<Problem | null> {
  const asked = new Request(new URL(url, location.origin), {
    headers: { Range: "bytes=0-0" },
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
  });
  try {
    const response = await fetch(asked);
    return response.ok ? null : problemOf(response.status, await response.json().catch(() => null));
  } catch (error) {
    return asProblem(error);
  }
}
