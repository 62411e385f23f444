/**
 * How long the media of somebody is held back before it is shown, so that what is lost can be sent again in time. Pure.
 *
 * A browser shows a picture as soon as it may, and learns only slowly that it waits for packets again and again: each
 * time the picture stands still. On a line that loses, a quarter of a second holds two or three more attempts.
 */

export const PATIENT_MS = 250;
/** Requests for lost packets, of the packets that came. */
const LOSSY = 0.02;
/** The patience outlasts the losses: each change of it is seen for a moment. */
const KEPT_MS = 30_000;

/** What was counted of one person's pictures since the last look. */
export interface Asked {
  packets: number;
  /** How often something lost was asked for again. */
  asked: number;
}

/** When the patience with somebody ends, by the clock of the readings; 0 where there is no need for any. */
export function patientUntil(beforeMs: number, { packets, asked }: Asked, nowMs: number): number {
  if (packets > 0 && asked > LOSSY * packets) return nowMs + KEPT_MS;
  return beforeMs > nowMs ? beforeMs : 0;
}

/** Sound that comes less after its picture than this is not noticed (125 ms, ITU-R BT.1359; showing takes some of it). */
const UNNOTICED_MS = 80;
/** Looked at every few seconds: what changes less is not followed. */
const STEP_MS = 50;
const LONGEST_WAIT_MS = 400;

/**
 * How long somebody's picture waits for the voice, which an uneven line keeps longer in its buffer; 0 where nobody notices.
 *
 * Never the other way round: a voice that waits for its picture is late and stretched, seconds on a line that loses.
 */
export function waitForVoice(voiceMs: number): number {
  return voiceMs < UNNOTICED_MS ? 0 : Math.min(LONGEST_WAIT_MS, Math.round(voiceMs / STEP_MS) * STEP_MS);
}
