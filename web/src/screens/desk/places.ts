/** Addresses that more than one page leads to. */

/** The room of an appointment, where its staff go in. */
export const roomOf = (appointmentId: string) => `/room/${appointmentId}`;
