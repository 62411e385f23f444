/** The day as a picture: rooms as lanes, appointments as blocks on a time axis of whole hours. Pure; draws nothing. */

const HOUR_MS = 3_600_000;
const LEAST_HOURS = 3;

/** What the picture needs to know of an appointment. */
export interface DayEntry {
  readonly id: string;
  readonly room: string | null;
  readonly starts_at: string;
  readonly ends_at: string;
}

/** An appointment with its place on the axis, as fractions of its width. */
export interface Block<E> {
  readonly entry: E;
  readonly start: number;
  readonly width: number;
}

export interface Lane<E> {
  readonly room: string | null;
  readonly blocks: readonly Block<E>[];
}

/** A whole hour on the axis. */
export interface Tick {
  readonly atMs: number;
  readonly start: number;
}

export interface DayPicture<E> {
  readonly ticks: readonly Tick[];
  readonly lanes: readonly Lane<E>[];
  /** Where now is, or null when it lies outside the axis. */
  readonly now: number | null;
}

/** The picture of the given appointments. The axis reaches from the first to the last of them, and over now. */
export function pictureOfDay<E extends DayEntry>(entries: readonly E[], nowMs: number): DayPicture<E> {
  const [fromMs, toMs] = axis(entries, nowMs);
  const place = (ms: number): number => (ms - fromMs) / (toMs - fromMs);
  const ticks: Tick[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += HOUR_MS) ticks.push({ atMs, start: place(atMs) });
  return { ticks, lanes: lanes(entries, place), now: place(nowMs) };
}

function axis(entries: readonly DayEntry[], nowMs: number): [number, number] {
  const firstMs = Math.min(nowMs, ...entries.map((entry) => Date.parse(entry.starts_at)));
  const lastMs = Math.max(nowMs, ...entries.map((entry) => Date.parse(entry.ends_at)));
  const fromMs = Math.floor(firstMs / HOUR_MS) * HOUR_MS;
  const toMs = Math.ceil(lastMs / HOUR_MS) * HOUR_MS;
  return [fromMs, Math.max(toMs, fromMs + LEAST_HOURS * HOUR_MS)];
}

function lanes<E extends DayEntry>(entries: readonly E[], place: (ms: number) => number): Lane<E>[] {
  const byRoom = new Map<string | null, Block<E>[]>();
  const inOrder = [...entries].sort((one, other) => Date.parse(one.starts_at) - Date.parse(other.starts_at));
  for (const entry of inOrder) {
    const start = place(Date.parse(entry.starts_at));
    const block = { entry, start, width: place(Date.parse(entry.ends_at)) - start };
    byRoom.set(entry.room, [...(byRoom.get(entry.room) ?? []), block]);
  }
  return [...byRoom]
    .map(([room, blocks]) => ({ room, blocks }))
    .sort((one, other) => (one.room ?? "").localeCompare(other.room ?? "", "ko"));
}
