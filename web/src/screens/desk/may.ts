/** What a role is offered. The server decides what is allowed; this only spares people doors that would not open. */
import type { Me } from "./session";

/** Books, moves, calls off, sends links. */
export const plans = ({ role }: Me) => role !== "interviewer";

/** Reads what was said and written: never administrators. */
export const seesContent = ({ role }: Me) => role !== "admin";

/** Opens case files. */
export const opensCases = ({ role }: Me) => role === "counsellor";

/** Makes postings, takes in applicants and books their interviews. */
export const hires = ({ role }: Me) => role === "lead_interviewer" || role === "admin";
