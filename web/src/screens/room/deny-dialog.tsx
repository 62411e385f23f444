/** Not letting somebody in, or sending somebody out, with a word that this person will read. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { useCall } from "./call-context";

interface Person {
  seat: string;
  name: string;
}

export function DenyDialog({ entry, onClose }: { entry: Person | null; onClose: () => void }) {
  return <ReasonDialog event="lobby.deny" person={entry} onClose={onClose} />;
}

export function RemoveDialog({ person, onClose }: { person: Person | null; onClose: () => void }) {
  return <ReasonDialog event="seat.remove" person={person} onClose={onClose} />;
}

interface ReasonDialogProps {
  event: "lobby.deny" | "seat.remove";
  person: Person | null;
  onClose: () => void;
}

function ReasonDialog({ event, person, onClose }: ReasonDialogProps) {
  const { t } = useTranslation("room");
  const { send } = useCall();
  const [reason, setReason] = useState("");
  const words = event === "lobby.deny" ? "deny" : "remove";
  const close = () => {
    setReason("");
    onClose();
  };
  const confirm = async () => {
    if (person !== null && (await send(event, { seat: person.seat, reason: reason.trim() || null }))) close();
  };
  return (
    <ConfirmDialog
      title={t(`${words}.title`, { name: person?.name ?? "" })}
      isOpen={person !== null}
      onClose={close}
      confirmText={t(`${words}.confirm`)}
      confirmTone="danger"
      onConfirm={() => void confirm()}
    >
      <p>{t(`${words}.body`)}</p>
      <Field label={t("deny.reason")} help={t("deny.reason_help")} value={reason} onChange={setReason} maxLength={200} />
    </ConfirmDialog>
  );
}
