/** What a role is offered. The server decides what is allowed; this only spares people doors that would not open. */
import type { Me } from "./session";

/** Books, moves, calls off, sends links. */
export const plans = ({ role }: Me) => role !== "interviewer" && role !== "operator";

/** Reads what was said and written: never administrators. */
export const seesContent = ({ role }: Me) => role !== "admin" && role !== "operator";

/** Opens case files. */
export const opensCases = ({ role }: Me) => role === "counsellor";

/** Makes postings, takes in applicants and books their interviews. */
export const hires = ({ role }: Me) => role === "lead_interviewer" || role === "admin";

/** Looks after the open rooms of the organisation on the day. */
export const watchesRooms = ({ role }: Me) => role === "lead_interviewer" || role === "admin";

/** Looks after the nodes; sees no person and no appointment. */
export const operates = ({ role }: Me) => role === "operator";
