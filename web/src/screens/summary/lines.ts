/** The lines of a summary as a person changes them: a pure list, and what of it goes to the server. */
import type { components } from "../../net/api.gen";

export type Line = components["schemas"]["SummaryLine"];

/** A line on the page. `key` stays the same while the server gives a new line its id. */
export interface EditedLine {
  readonly key: string;
  readonly line: Line | null;
  readonly text: string;
}

export type SummaryLanguage = "ko" | "en";

export const textOf = (line: Line, language: SummaryLanguage) => (language === "ko" ? line.text_ko : line.text_en);

export const asEdited = (lines: readonly Line[], language: SummaryLanguage): EditedLine[] =>
  lines.map((line) => ({ key: line.id, line, text: textOf(line, language) }));

export const withText = (lines: readonly EditedLine[], key: string, text: string) =>
  lines.map((line) => (line.key === key ? { ...line, text } : line));

export const without = (lines: readonly EditedLine[], key: string) => lines.filter((line) => line.key !== key);

export const withAdded = (lines: readonly EditedLine[], key: string): EditedLine[] => [...lines, { key, line: null, text: "" }];

/** The line one place earlier or later; the ends stay where they are. */
export function moved(lines: readonly EditedLine[], key: string, by: -1 | 1): EditedLine[] {
  const from = lines.findIndex((line) => line.key === key);
  const to = from + by;
  if (from < 0 || to < 0 || to >= lines.length) return [...lines];
  return lines.map((line, index) => (index === to ? lines[from] ?? line : index === from ? lines[to] ?? line : line));
}

/**
 * What the server is sent. An untouched line keeps both its languages; what a person wrote stands in both, because a
 * translation of the earlier words would now say something else. Empty added lines are not sent.
 */
export function asSent(lines: readonly EditedLine[], ids: ReadonlyMap<string, string>, language: SummaryLanguage) {
  return lines
    .filter(({ line, text }) => line !== null || text.trim() !== "")
    .map(({ key, line, text }) => {
      const untouched = line !== null && textOf(line, language) === text;
      const words = untouched ? { text_ko: line.text_ko, text_en: line.text_en } : { text_ko: text, text_en: text };
      return { key, id: line?.id ?? ids.get(key) ?? null, ...words };
    });
}
