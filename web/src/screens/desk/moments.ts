/** Times as people at the desk read them: in the centre's zone, in the page's language. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../../locales/i18n";

export interface Moments {
  /** 14:30 */
  time: (at: string | number) => string;
  /** 11월 22일 (일) */
  day: (at: string | number) => string;
  /** 2026년 11월 22일 일요일 */
  fullDay: (at: string | number) => string;
  /** 11월 22일 (일) 14:30 */
  dayTime: (at: string | number) => string;
  /** 14:30–15:20 */
  span: (from: string, to: string) => string;
  /** 2026-11-22: which day it is there, for comparing. */
  isoDay: (at: string | number) => string;
}

export function momentsIn(language: string, zone: string): Moments {
  const locale = localeOf(language);
  const format = (options: Intl.DateTimeFormatOptions, tag = locale) => {
    const formatter = new Intl.DateTimeFormat(tag, { timeZone: zone, ...options });
    return (at: string | number) => formatter.format(new Date(at));
  };
  const time = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = format({ month: "long", day: "numeric", weekday: "short" });
  const fullDay = format({ year: "numeric", month: "long", day: "numeric", weekday: "long" });
  const isoDay = format({ year: "numeric", month: "2-digit", day: "2-digit" }, "en-CA");
  return {
    time,
    day,
    fullDay,
    isoDay,
    dayTime: (at) => `${day(at)} ${time(at)}`,
    span: (from, to) => `${time(from)}–${time(to)}`,
  };
}

export function useMomentsIn(zone: string): Moments {
  const { i18n } = useTranslation();
  return useMemo(() => momentsIn(i18n.language, zone), [i18n.language, zone]);
}

/** A place in a recording: 2:05, 1:02:05. */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Whole minutes from `fromMs` until a moment; negative when it has passed. */
export const minutesUntil = (at: string, fromMs: number) => Math.round((Date.parse(at) - fromMs) / 60_000);
