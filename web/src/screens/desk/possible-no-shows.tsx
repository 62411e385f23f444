/** Somebody has not come. The machine only notices; a person calls first, and then says whether it is a no-show. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { ProblemBanner } from "../../elements/problem";
import { phoneText } from "../../locales/phone";
import { appointmentQuery, nameOf, type AppointmentCard } from "../appointments/queries";
import { plans } from "./may";
import { useMe } from "./session";
import css from "./today.module.css";
import type { TodayView } from "./today";

type PossibleNoShow = TodayView["possible_no_shows"][number];

export function PossibleNoShows({ desk }: { desk: TodayView }) {
  return desk.possible_no_shows.map((possible) => (
    <NoShow
      key={`${possible.appointment_id} ${possible.who}`}
      possible={possible}
      card={desk.today.find(({ id }) => id === possible.appointment_id)}
    />
  ));
}

function NoShow({ possible, card }: { possible: PossibleNoShow; card: AppointmentCard | undefined }) {
  const { t } = useTranslation("desk");
  const client = useQueryClient();
  const mayConfirm = plans(useMe());
  const who = possible.who === "host" ? "host" : "guest";
  const say = useMutation({
    mutationFn: (confirmed: boolean) =>
      answer(api.POST("/api/appointments/{appointment_id}/no-show", { params: { path: { appointment_id: possible.appointment_id } }, body: { who, confirmed } })),
    onSuccess: (changed) => {
      client.setQueryData(appointmentQuery(changed.id).queryKey, changed);
      return client.invalidateQueries({ queryKey: ["desk"] });
    },
  });
  const phones = card?.seats.filter((seat) => !seat.staff && seat.phone !== null && possible.names.includes(seat.name)) ?? [];
  const title = who === "host" ? t("today.no_show_host", { name: card === undefined ? "" : nameOf(card, t) }) : t("today.no_show_of", { name: possible.names.join(", ") });
  return (
    <>
      <Banner
        tone="warning"
        title={title}
        action={mayConfirm && (
          <>
            <Button small pending={say.isPending} onPress={() => say.mutate(true)}>{t("today.no_show_confirm")}</Button>
            <Button small tone="quiet" isDisabled={say.isPending} onPress={() => say.mutate(false)}>{t("today.no_show_dismiss")}</Button>
          </>
        )}
      >
        {who === "guest" && mayConfirm && <p>{t("today.no_show_call")}</p>}
        {!mayConfirm && <p>{t("today.no_show_by_lead")}</p>}
        {phones.map((seat) => <a key={seat.id} className={css.phone} href={`tel:${seat.phone}`}>{phoneText(seat.phone ?? "")}</a>)}
      </Banner>
      {say.isError && <ProblemBanner error={say.error} area="desk" />}
    </>
  );
}
