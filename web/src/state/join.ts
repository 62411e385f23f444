/** A seeker's way from the link to the door, one step at a time. Pure: what the server says and what was done, in; the step, out. */

export type VisitState = "early" | "open" | "ended" | "cancelled" | "no_show";

export interface JoinFacts {
  state: VisitState;
  /** Consent items that have no answer yet. */
  unanswered: number;
  rulesRequired: boolean;
  rulesAccepted: boolean;
  /** Steps this page has been through; "decide later" is also through. */
  done: { consent: boolean; devices: boolean; entered: boolean };
}

export type JoinStep = "early" | "consent" | "rules" | "devices" | "room" | "over";

export function nextStep(facts: JoinFacts): JoinStep {
  if (facts.state === "early") return "early";
  if (facts.state !== "open") return "over";
  if (facts.rulesRequired && !facts.rulesAccepted) return "rules";
  // Whoever was in already comes back to the same seat without being asked anything again.
  if (facts.done.entered) return "room";
  if (facts.unanswered > 0 && !facts.done.consent) return "consent";
  if (!facts.done.devices) return "devices";
  return "room";
}

/** The steps in their order, to say "2 of 3" and to go back. */
export function stepsOf(facts: JoinFacts, asksConsent: boolean): JoinStep[] {
  return [...(facts.rulesRequired ? (["rules"] as const) : []), ...(asksConsent ? (["consent"] as const) : []), "devices"];
}
