/** A seeker's visit over HTTP: the link's secret becomes a visit, the visit a ticket. Kept in this tab and nowhere else. */
import type { components } from "./api.gen";
import { answer, api, asVisitor } from "./http";
import { Problem, problemOf } from "./problem";

export type VisitAnswer = components["schemas"]["VisitAnswer"];
export type DeviceCheck = components["schemas"]["DeviceCheck"];
export type AfterAnswer = components["schemas"]["AfterAnswer"];
export type Verdict = DeviceCheck["camera"];
export type ConsentGiven = "granted" | "refused" | "unanswered";

export interface Visit {
  /** The bearer token. */
  token: string;
  page: VisitAnswer;
}

const KEPT_KEY = "ieum.visit";

/** Opens the link, or the visit that this tab already has for it. */
export async function openVisit(secret: string): Promise<Visit> {
  const kept = keptToken(secret);
  if (kept !== null) {
    try {
      return { token: kept, page: await readVisit(kept) };
    } catch (error) {
      if (!(error instanceof Problem) || error.status === 0 || error.status >= 500) throw error;
    }
  }
  const { visit: token, ...page } = await answer(api.POST("/api/join", { body: { secret } }));
  sessionStorage.setItem(KEPT_KEY, JSON.stringify({ secret, token }));
  return { token, page };
}

function keptToken(secret: string): string | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT_KEY) ?? "null") as { secret?: string; token?: string } | null;
    return kept?.secret === secret ? (kept.token ?? null) : null;
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
