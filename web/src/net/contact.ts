/** Whom to call where no page knows better: the centre this tab has dealt with, or else the installation's contact. */
import { answer, api } from "./http";

export interface Contact {
  /** Null when only a number is known. */
  name: string | null;
  phone: string;
}

const KEPT_KEY = "ieum.centre";

/** The next page of this tab may be one that the server cannot answer. */
export function rememberCentre(centre: Contact): void {
  sessionStorage.setItem(KEPT_KEY, JSON.stringify(centre));
}

function remembered(): Contact | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT_KEY) ?? "null") as Partial<Contact> | null;
    return typeof kept?.phone === "string" ? { name: kept.name ?? null, phone: kept.phone } : null;
  } catch {
    return null;
  }
}

/** Null when nobody is known: then the number stands in the message that the link came in. */
export async function findContact(): Promise<Contact | null> {
  const kept = remembered();
  if (kept !== null) return kept;
  try {
    const { name, phone } = await answer(api.GET("/api/contact"));
    return phone === null ? null : { name, phone };
  } catch {
    return null;
  }
}
