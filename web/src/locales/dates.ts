/** Dates and times as people read them, always in the centre's zone. */
import { localeOf } from "./i18n";

/** `11월 23일 월요일` */
export const dayOf = (language: string, at: string, zone: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { timeZone: zone, month: "long", day: "numeric", weekday: "long" }).format(new Date(at));

/** `2027년 3월 2일 화요일`, of a day without a time such as `2027-03-02`: the same day everywhere. */
export const dateOf = (language: string, date: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { timeZone: "UTC", dateStyle: "full" }).format(new Date(date));

/** `오전 10:00` */
export const timeOf = (language: string, at: string, zone: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { timeZone: zone, hour: "numeric", minute: "2-digit" }).format(new Date(at));

/** `오전 10:00–10:40` */
export const spanOf = (language: string, from: string, to: string, zone: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { timeZone: zone, hour: "numeric", minute: "2-digit" }).formatRange(new Date(from), new Date(to));

/** `오전 10:05`, in the zone of this device: for what happens right now. */
export const clockTime = (language: string, at: string): string =>
  new Intl.DateTimeFormat(localeOf(language), { hour: "numeric", minute: "2-digit" }).format(new Date(at));
