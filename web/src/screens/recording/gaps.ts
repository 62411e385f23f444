/** What is missing of a recording, and whether a person chose it or something failed. */
import type { TFunction } from "i18next";
import type { RecordingView } from "./recording";

export type Gap = RecordingView["gaps"][number];
export type Track = RecordingView["tracks"][number];

const FAULTS = ["network", "node_restarted", "disk", "part_missing"] as const;
const CHOICES = ["withdrawn", "not_granted"] as const;
const SOURCES = ["mic", "camera", "screen", "screen_audio"] as const;

/** The line or the machine failed; nobody chose it. */
export const isFault = ({ cause }: Gap) => FAULTS.some((fault) => fault === cause);

/** Why it is missing, in words; null for what needs none: a muted microphone is no gap to a listener. */
export function causeText({ cause }: Gap, t: TFunction<"records">): string | null {
  const known = [...FAULTS, ...CHOICES].find((one) => one === cause);
  return known === undefined ? null : t(`cause.${known}`);
}

/** What stopped at one moment for one reason, once, with the names of all it stopped for: not once for each track. */
export function gapsByPerson({ gaps, tracks }: RecordingView): { gap: Gap; names: string[] }[] {
  const found = new Map<string, { gap: Gap; names: string[] }>();
  for (const gap of gaps) {
    const name = tracks.find(({ track }) => track === gap.track)?.name;
    const key = `${gap.cause} ${Math.round(gap.from_s)}`;
    const same = found.get(key) ?? { gap, names: [] };
    if (name !== undefined && !same.names.includes(name)) same.names.push(name);
    found.set(key, same);
  }
  return [...found.values()];
}

/** "김하나 · 카메라" */
export function trackName({ source, name }: Track, t: TFunction<"records">): string {
  const known = SOURCES.find((one) => one === source);
  return known === undefined ? name : t(`source.${known}`, { name });
}
