/** The visit of this page: opened from the link, read again while one waits and when its door opens, replaced by each answer. */
import { useCallback, useEffect, useState } from "react";
import { asProblem, isAway } from "../../net/problem";
import { keepPage, openVisit, readVisit, type Visit, type VisitAnswer } from "../../net/visit";

/** The server opens the door by its own clock; ask again a moment after. */
const OPENED_SLACK_MS = 1_500;
/** An appointment may be moved or cancelled while somebody looks at its countdown. */
const EARLY_AGAIN_MS = 60_000;
const SOONEST_MS = 5_000;

export type Opening = { status: "opening" } | { status: "failed"; error: unknown } | { status: "open"; visit: Visit };

const TOO_MANY = 429;
const passes = (error: unknown): boolean => isAway(error) || asProblem(error).status === TOO_MANY;

/** A page that is being opened anew stays on the screen, unless its link opens nothing any more. */
const afterFailure = (now: Opening, error: unknown): Opening =>
  now.status === "open" && passes(error) ? now : { status: "failed", error };

export function useVisit(secret: string) {
  const [opening, setOpening] = useState<Opening>({ status: "opening" });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let gone = false;
    openVisit(secret).then(
      (visit) => !gone && setOpening({ status: "open", visit }),
      (error: unknown) => !gone && setOpening((now) => afterFailure(now, error)),
    );
    return () => {
      gone = true;
    };
  }, [secret, attempt]);

  const replace = useCallback((page: VisitAnswer) => {
    keepPage(page);
    setOpening((now) => (now.status === "open" ? { status: "open", visit: { ...now.visit, page } } : now));
  }, []);
  const retry = useCallback(() => {
    setOpening({ status: "opening" });
    setAttempt((count) => count + 1);
  }, []);

  const visit = opening.status === "open" ? opening.visit : null;
  const token = visit?.token;
  // The visit ends after a day, or when its link is replaced. In the lobby that is no matter: the room does without it.
  const early = visit?.page.state === "early";
  const lookAgain = useCallback(() => {
    const missed = (error: unknown) => {
      if (early && asProblem(error).code === "visit_over") setAttempt((count) => count + 1);
    };
    if (token !== undefined) void readVisit(token).then(replace, missed);
  }, [token, early, replace]);
  useEffect(() => {
    if (visit?.page.state !== "early") return;
    // Both times are the server's: this device's clock may be wrong.
    const waitMs = Date.parse(visit.page.appointment.opens_at) - Date.parse(visit.page.now) + OPENED_SLACK_MS;
    const timer = setInterval(lookAgain, Math.min(Math.max(waitMs, SOONEST_MS), EARLY_AGAIN_MS));
    return () => clearInterval(timer);
  }, [visit, lookAgain]);

  return { opening, replace, lookAgain, retry };
}
