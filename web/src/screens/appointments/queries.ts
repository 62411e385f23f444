/** Appointments as the desk reads them, and how they are called when they have no title of their own. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";

export type AppointmentCard = components["schemas"]["AppointmentCard"];
export type SeatCard = components["schemas"]["SeatCard"];

export const appointmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["appointments", id],
    queryFn: () => answer(api.GET("/api/appointments/{appointment_id}", { params: { path: { appointment_id: id } } })),
  });

export const guestsOf = (card: AppointmentCard): SeatCard[] => card.seats.filter((seat) => !seat.staff);

export const hostsOf = (card: AppointmentCard): SeatCard[] => card.seats.filter((seat) => seat.staff);

/** Whether it is on, or about to be. */
export const isLive = (card: AppointmentCard) => (card.status === "open" || card.status === "in_progress") && card.closed_at === null;

/** Whether one may go in now: also after an interruption, to go on, as long as nothing has replaced it. */
export const hasDoor = (card: AppointmentCard) => isLive(card) || (card.status === "interrupted" && card.closed_at === null);

/** Whether it can still take place. */
export const isAhead = (card: AppointmentCard) => card.status === "confirmed" || card.status === "open";

/** How long it is booked for. */
export const minutesOf = (card: AppointmentCard) => Math.round((Date.parse(card.ends_at) - Date.parse(card.starts_at)) / 60_000);

/** "김하나", or "김하나 외 5명" */
export function peopleText(names: readonly string[], t: TFunction<"desk">): string {
  const [first = "", ...others] = names;
  return others.length === 0 ? first : t("today.and_more", { name: first, count: others.length });
}

/** A group goes by its title; every other conversation by whom it is with. */
const goesByTitle = ({ kind, title }: { kind: AppointmentCard["kind"]; title: string }) => kind === "small_group" && title !== "";

/** What an appointment is called in lists and headings. */
export const nameOf = (card: AppointmentCard, t: TFunction<"desk">) => {
  const guests = guestsOf(card).map(({ name }) => name);
  return goesByTitle(card) || guests.length === 0 ? card.title : peopleText(guests, t);
};

/** The same for an appointment that something refers to; its people are asked for. */
export function useNameOf({ id, title, kind }: components["schemas"]["AppointmentRef"]): string {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const byTitle = goesByTitle({ kind, title });
  const card = useQuery({ ...appointmentQuery(id), enabled: !byTitle });
  if (byTitle) return title;
  return card.data === undefined ? common(`kind.${kind}`) : nameOf(card.data, t);
}
