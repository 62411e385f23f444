/** How the board counts and words what it is told. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { BoardSeat } from "./queries";

type Known = number | null | undefined;

const INSIDE: readonly string[] = ["admitted", "connected", "reconnecting"];

/** How many are in the room, and how many wait. */
export function countsOf(seats: readonly Pick<BoardSeat, "presence">[]) {
  return {
    inside: seats.filter(({ presence }) => INSIDE.includes(presence)).length,
    waiting: seats.filter(({ presence }) => presence === "waiting").length,
  };
}

export const percentOf = (share: number) => Math.round(100 * share);

/** 1.4 Mbit/s as "1,400". */
export const kilobits = (bps: number) => Math.round(bps / 1_000);

/** Figures with their units, as the page's language writes them; null for what nobody knows. */
export function useUnits() {
  const { i18n } = useTranslation();
  return useMemo(() => unitsOf(i18n.language), [i18n.language]);
}

export function unitsOf(language: string) {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const number = (value: Known) => (value === null || value === undefined ? null : format.format(value));
  const as = (unit: string) => (value: Known) => (value === null || value === undefined ? null : `${format.format(value)} ${unit}`);
  return {
    number,
    percent: as("%"),
    milliseconds: as("ms"),
    rate: (bps: Known) => as("kbit/s")(bps === null || bps === undefined ? bps : kilobits(bps)),
    /** "2 · 360p": which layer, counted from the smallest, and its lines if they are known. */
    picture: (layer: number, height: Known) => [format.format(layer + 1), ...(height ? [`${height}p`] : [])].join(" · "),
  };
}

export const gigabytes = (bytes: number) => Math.round(bytes / 1e8) / 10;
