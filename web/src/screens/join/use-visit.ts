/** The visit of this page: opened from the link, read again when its door opens, replaced by each answer. */
import { useCallback, useEffect, useState } from "react";
import { keepPage, openVisit, readVisit, type Visit, type VisitAnswer } from "../../net/visit";

/** The server opens the door by its own clock; ask again a moment after. */
const OPENED_SLACK_MS = 1_500;
const LONGEST_TIMER_MS = 6 * 3_600_000;

export type Opening = { status: "opening" } | { status: "failed"; error: unknown } | { status: "open"; visit: Visit };

export function useVisit(secret: string) {
  const [opening, setOpening] = useState<Opening>({ status: "opening" });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let gone = false;
    openVisit(secret).then(
      (visit) => !gone && setOpening({ status: "open", visit }),
      (error: unknown) => !gone && setOpening({ status: "failed", error }),
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
  useEffect(() => {
    if (visit?.page.state !== "early") return;
    // Both times are the server's: this device's clock may be wrong.
    const waitMs = Date.parse(visit.page.appointment.opens_at) - Date.parse(visit.page.now) + OPENED_SLACK_MS;
    const timer = setTimeout(() => void readVisit(visit.token).then(replace, () => undefined), Math.min(Math.max(waitMs, 5_000), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }, [visit, replace]);

  return { opening, replace, retry };
}
