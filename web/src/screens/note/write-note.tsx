/** Opens one's own note on a seeker of an appointment, beginning it if there is none. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { answer, api } from "../../net/http";
import { Button } from "../../elements/button";
import { ProblemBanner } from "../../elements/problem";

export function WriteNote({ appointmentId, seekerId, name }: { appointmentId: string; seekerId: string; name: string }) {
  const { t } = useTranslation("records");
  const [, go] = useLocation();
  const open = useMutation({
    mutationFn: () => answer(api.POST("/api/appointments/{appointment_id}/notes", { params: { path: { appointment_id: appointmentId } }, body: { seeker_id: seekerId } })),
    onSuccess: (note) => go(`/desk/notes/${note.id}`),
  });
  return (
    <>
      <Button small pending={open.isPending} aria-label={t("note.open_for", { name })} onPress={() => open.mutate()}>{t("note.open")}</Button>
      {open.isError && <ProblemBanner error={open.error} area="desk" />}
    </>
  );
}
