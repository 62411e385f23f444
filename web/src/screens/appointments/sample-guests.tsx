/** With sample data, one person alone can fill a room: invented guests take the free seats. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { ProblemBanner } from "../../elements/problem";
import page from "../desk/fields.module.css";

export function SampleGuests({ id }: { id: string }) {
  const { t } = useTranslation("booking");
  const announcer = useAnnouncer();
  const seat = useMutation({
    mutationFn: () => answer(api.POST("/api/appointments/{appointment_id}/sample-guests", { params: { path: { appointment_id: id } } })),
    onSuccess: ({ guests }) => announcer.note(guests === 0 ? t("samples.full") : t("samples.seated", { guests })),
  });
  return (
    <Card title={t("samples.title")}>
      <p className={page.small}>{t("samples.help")}</p>
      {seat.isError && <ProblemBanner error={seat.error} area="desk" />}
      <div className={page.actions}>
        <Button pending={seat.isPending} onPress={() => seat.mutate()}>{t("samples.seat")}</Button>
      </div>
    </Card>
  );
}
