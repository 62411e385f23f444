/**
 * How long an attempt to reach the server may take before the next one begins. Pure.
 *
 * An attempt into a dead line learns nothing when the line comes back: TCP tries again after 1 s and then after 3 s. So
 * attempts are short, as the line has shown that it can be; now and then a long one finds a line that has become slow.
 */

export const LONGEST_MS = 3_000;
const SHORTEST_MS = 800;
/** Times what it took when the line was well. */
const PATIENCE = 3;
const LONG_EVERY = 8;

/** `attempt` counts from 1 since the line was lost; `usualMs` is the least that a success took, null before the first. */
export function attemptTimeoutMs(attempt: number, usualMs: number | null): number {
  if (usualMs === null || attempt % LONG_EVERY === 0) return LONGEST_MS;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, PATIENCE * usualMs));
}
