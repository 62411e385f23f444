/**
 * How long an attempt to reach the server may take before the next one begins. Pure.
 *
 * TCP asks a silent line again after 1 s and then after 3 s. An attempt that outlasts its second question by what the line
 * has shown to need finds a line that is back within a second of it. Shorter ones would find it no sooner for all the
 * failures they make, and failures cost: Chromium holds the next sockets of a page back by up to five seconds (its
 * services/network/websocket_throttler.cc), and an attempt that ends before it was let go learns nothing. So each is given
 * what the browser may take of it.
 */

export const LONGEST_MS = 3_000;
const SECOND_QUESTION_MS = 1_000;
const SHORTEST_ANSWER_MS = 900;
/** Times what it took when the line was well. */
const PATIENCE = 3;
/** Now and then a long attempt finds a line that has become slow. */
const LONG_EVERY = 8;

const HELD_BACK_MS = 5_000;
const HELD_BACK_FULLY_AT = 16;
/** Chromium forgets after twice three minutes at the latest. */
const REMEMBERED_MS = 360_000;

/** The attempts of one page so far. */
export class Attempts {
  #failedMs: number[] = [];
  #succeededMs: number[] = [];
  #failedInARow = 0;
  /** The least that a success took: what it takes after a cut includes waiting for TCP to ask again. */
  #usualMs: number | null = null;

  failed(nowMs: number): void {
    this.#failedMs.push(nowMs);
    this.#failedInARow += 1;
  }

  succeeded(nowMs: number, tookMs: number): void {
    this.#succeededMs.push(nowMs);
    this.#failedInARow = 0;
    this.#usualMs = Math.min(this.#usualMs ?? Infinity, tookMs);
  }

  /** For the attempt that begins now. */
  timeoutMs(nowMs: number): number {
    return this.#heldBackMs(nowMs) + this.#lineTakesMs();
  }

  #lineTakesMs(): number {
    if (this.#usualMs === null || this.#failedInARow % LONG_EVERY === LONG_EVERY - 1) return LONGEST_MS;
    return Math.min(LONGEST_MS, SECOND_QUESTION_MS + Math.max(SHORTEST_ANSWER_MS, PATIENCE * this.#usualMs));
  }

  /** At most: Chromium draws between a fifth of it and all of it. */
  #heldBackMs(nowMs: number): number {
    const isRemembered = (atMs: number) => nowMs - atMs < REMEMBERED_MS;
    this.#failedMs = this.#failedMs.filter(isRemembered);
    this.#succeededMs = this.#succeededMs.filter(isRemembered);
    const doublings = 1 + Math.floor(this.#failedMs.length / (this.#succeededMs.length + 1));
    return HELD_BACK_MS * 2 ** (Math.min(doublings, HELD_BACK_FULLY_AT) - HELD_BACK_FULLY_AT);
  }
}
