/** Moving an appointment, calling it off, and saying that it is over. */
import { useState } from "react";
import { now as nowIn, parseAbsolute, toCalendarDate, toTime } from "@internationalized/date";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { ConfirmDialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { ButtonTo } from "../desk/link";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import { appointmentQuery, hasDoor, isAhead, minutesOf, type AppointmentCard } from "./queries";
import { localTime, WhenFields, type When } from "./when";

type Question = "move" | "cancel" | null;

export function Changes({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const [question, setQuestion] = useState<Question>(null);
  const close = () => setQuestion(null);
  return (
    <Card title={t("changes.title")}>
      <div className={page.actions}>
        {isAhead(card) && <Button onPress={() => setQuestion("move")}>{t("changes.move")}</Button>}
        {isAhead(card) && <Button onPress={() => setQuestion("cancel")}>{t("changes.cancel")}</Button>}
        {hasDoor(card) && <ButtonTo href={`/desk/appointments/${card.id}/after`}>{t("changes.finish")}</ButtonTo>}
      </div>
      {/* A dialog that is closed keeps nothing: the next time it begins with what is true then. */}
      {question === "move" && <MoveDialog card={card} onClose={close} />}
      {question === "cancel" && <CancelDialog card={card} onClose={close} />}
    </Card>
  );
}

/** Keeps the changed card, says so, and closes the dialog. */
function useChanged(id: string, text: string, onClose: () => void) {
  const client = useQueryClient();
  const announcer = useAnnouncer();
  return (changed: AppointmentCard) => {
    client.setQueryData(appointmentQuery(id).queryKey, changed);
    void client.invalidateQueries({ queryKey: ["desk"] });
    announcer.note(text);
    onClose();
  };
}

function MoveDialog({ card, onClose }: { card: AppointmentCard; onClose: () => void }) {
  const { t } = useTranslation("booking");
  const { zone } = useMe().tenant;
  const start = parseAbsolute(card.starts_at, zone);
  const [when, setWhen] = useState<When>({ date: toCalendarDate(start), time: toTime(start), minutes: minutesOf(card) });
  const [reason, setReason] = useState("");
  const move = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/appointments/{appointment_id}/move", {
        params: { path: { appointment_id: card.id } },
        body: { starts_at: null, starts_local: localTime(when), zone, minutes: when.minutes, reason },
      })),
    onSuccess: useChanged(card.id, t("changes.moved"), onClose),
  });
  return (
    <ConfirmDialog
      title={t("changes.move_title")}
      isOpen
      onClose={onClose}
      confirmText={t("changes.move")}
      pending={move.isPending}
      isDisabled={localTime(when) === null}
      onConfirm={() => move.mutate()}
    >
      <WhenFields value={when} onChange={setWhen} earliest={toCalendarDate(nowIn(zone))} zone={zone} />
      <Field label={t("changes.move_reason")} maxLength={300} value={reason} onChange={setReason} />
      <p className={page.small}>{t("changes.move_help")}</p>
      {move.isError && <ProblemBanner error={move.error} area="desk" />}
    </ConfirmDialog>
  );
}

function CancelDialog({ card, onClose }: { card: AppointmentCard; onClose: () => void }) {
  const { t } = useTranslation("booking");
  const [reason, setReason] = useState("");
  const cancel = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/appointments/{appointment_id}/cancel", { params: { path: { appointment_id: card.id } }, body: { reason } })),
    onSuccess: useChanged(card.id, t("changes.cancelled"), onClose),
  });
  return (
    <ConfirmDialog
      title={t("changes.cancel_title")}
      isOpen
      onClose={onClose}
      confirmText={t("changes.cancel")}
      confirmTone="danger"
      pending={cancel.isPending}
      isDisabled={reason.trim() === ""}
      onConfirm={() => cancel.mutate()}
    >
      <Field label={t("changes.cancel_reason")} help={t("changes.cancel_help")} rows={3} maxLength={300} isRequired value={reason} onChange={setReason} />
      {cancel.isError && <ProblemBanner error={cancel.error} area="desk" />}
    </ConfirmDialog>
  );
}
