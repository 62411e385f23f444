/** A seeker's visit over HTTP: the link's secret becomes a visit, the visit a ticket. Kept in this tab and nowhere else. */
import type { components } from "./api.gen";
import { answer, api, asVisitor } from "./http";
import { isAway, problemOf } from "./problem";
import { hasSeat } from "./seat";

export type VisitAnswer = components["schemas"]["VisitAnswer"];
export type DeviceCheck = components["schemas"]["DeviceCheck"];
export type ConnectionAnswer = components["schemas"]["ConnectionAnswer"];
export type AfterAnswer = components["schemas"]["AfterAnswer"];
export type Verdict = DeviceCheck["camera"];
export type ConsentGiven = "granted" | "refused" | "unanswered";

export interface Visit {
  /** The bearer token. */
  token: string;
  page: VisitAnswer;
}

const KEPT_KEY = "ieum.visit";

/**
 * Opens the link, or the visit that this tab already has for it. Whoever has a seat in the room comes back to it although
 * the server cannot read visits for a while: the room does without them.
 */
export async function openVisit(secret: string): Promise<Visit> {
  const kept = keptVisit(secret);
  if (kept !== null) {
    try {
      return keep(secret, { token: kept.token, page: await readVisit(kept.token) });
    } catch (error) {
      if (isAway(error) && kept.page !== undefined && hasSeat(kept.page.appointment.id)) return { token: kept.token, page: kept.page };
      if (isAway(error)) throw error;
    }
  }
  const { visit: token, ...page } = await answer(api.POST("/api/join", { body: { secret } }));
  return keep(secret, { token, page });
}

/** The visit as it is after an answer, for the next reload. */
export function keepPage(page: VisitAnswer): void {
  const kept = JSON.parse(sessionStorage.getItem(KEPT_KEY) ?? "null") as object | null;
  if (kept !== null) sessionStorage.setItem(KEPT_KEY, JSON.stringify({ ...kept, page }));
}

function keep(secret: string, visit: Visit): Visit {
  sessionStorage.setItem(KEPT_KEY, JSON.stringify({ secret, ...visit }));
  return visit;
}

function keptVisit(secret: string): { token: string; page?: VisitAnswer } | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT_KEY) ?? "null") as ({ secret?: string } & Partial<Visit>) | null;
    return kept?.secret === secret && kept.token !== undefined ? { ...kept, token: kept.token } : null;
  } catch {
    return null;
  }
}

export const readVisit = (token: string) => answer(api.GET("/api/visit", { headers: asVisitor(token) }));

export const giveConsents = (token: string, page: VisitAnswer, answers: Record<string, ConsentGiven>, lang: "ko" | "en") =>
  answer(
    api.POST("/api/visit/consents", {
      headers: asVisitor(token),
      body: { text_version: page.consent.text_version, answers, lang },
    }),
  );

export const acceptRules = (token: string, displayName: string | null) =>
  answer(api.POST("/api/visit/rules", { headers: asVisitor(token), body: { accepted: true, display_name: displayName } }));

export const keepDeviceCheck = (token: string, check: DeviceCheck) =>
  answer(api.POST("/api/visit/device-check", { headers: asVisitor(token), body: check }));

export const readConnection = (token: string) => answer(api.GET("/api/visit/connection", { headers: asVisitor(token) }));

export const fetchTicket = async (token: string) =>
  (await answer(api.POST("/api/visit/ticket", { headers: asVisitor(token) }))).ticket;

export const readAfter = (token: string) => answer(api.GET("/api/visit/after", { headers: asVisitor(token) }));

/** The bytes of a document that is shown in the call. */
export async function fetchVisitDocument(token: string, id: string): Promise<ArrayBuffer> {
  return bytesOf(await fetch(`/api/visit/documents/${encodeURIComponent(id)}`, { headers: asVisitor(token) }));
}

export async function bytesOf(response: Response): Promise<ArrayBuffer> {
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null));
  return response.arrayBuffer();
}
