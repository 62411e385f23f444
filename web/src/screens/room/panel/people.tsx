/** Who waits and who is here, and what a host may do about it. */
import { useState } from "react";
import { Hand, Languages, Pin, PinOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge } from "../../../elements/card";
import { Button } from "../../../elements/button";
import { useReadable } from "../../../elements/use-readable";
import type { SeatView } from "../../../net/messages.gen";
import { present } from "../../../state/call";
import { useCall } from "../call-context";
import { DenyDialog, RemoveDialog } from "../deny-dialog";
import css from "./side-panel.module.css";

export function People() {
  const { t } = useTranslation("room");
  const { state, may, send } = useCall();
  const [removing, setRemoving] = useState<SeatView | null>(null);
  const here = state.seats.filter((seat) => seat.presence !== "removed" && seat.presence !== "denied");
  return (
    <div className={css.scroll}>
      {may("lobby.admit") && <Lobby />}
      <section className={css.section}>
        <h3 className={css.sectionTitle}>{t("people.here")}</h3>
        <ul className={css.list}>
          {here.map((seat) => (
            <Person key={seat.seat} seat={seat} onRemove={() => setRemoving(seat)} />
          ))}
        </ul>
      </section>
      {may("room.lock") && (
        <Button onPress={() => void send("room.lock", { locked: !state.room.locked })}>
          {state.room.locked ? t("lock.open") : t("lock.close")}
        </Button>
      )}
      <RemoveDialog person={removing} onClose={() => setRemoving(null)} />
    </div>
  );
}

function Person({ seat, onRemove }: { seat: SeatView; onRemove: () => void }) {
  const { t } = useTranslation("room");
  const { state, session, may, send } = useCall();
  const pinned = useReadable(session.pins).includes(seat.seat);
  const isHere = present(state).includes(seat);
  const isYou = seat.seat === state.you.seat;
  return (
    <li className={css.item}>
      <span className={css.itemText}>
        {isYou ? t("faces.you", { name: seat.name }) : seat.name}
        <span className={css.itemNote}>
          {t(`role.${seat.role}.${state.room.kind}`)}
          {seat.presence !== "connected" && ` · ${t(`presence.${seat.presence}`)}`}
        </span>
      </span>
      {seat.hand_raised_at !== null && (
        <Badge tone="warning">
          <Hand size={16} aria-hidden="true" />
          {t("hand.raised")}
        </Badge>
      )}
      {seat.interprets && (
        <Badge>
          <Languages size={16} aria-hidden="true" />
          {t("faces.interprets")}
        </Badge>
      )}
      {!isYou && (
        <span className={css.buttons}>
          {isHere && (
            <Button
              small
              icon={pinned ? <PinOff size={16} aria-hidden="true" /> : <Pin size={16} aria-hidden="true" />}
              aria-label={t(pinned ? "pin.off_name" : "pin.on_name", { name: seat.name })}
              onPress={() => session.pin(seat.seat)}
            >
              {t(pinned ? "pin.off" : "pin.on")}
            </Button>
          )}
          {may("seat.interpret") && seat.role !== "observer" && isHere && (
            <Button
              small
              aria-label={t(seat.interprets ? "interpret.off_name" : "interpret.on_name", { name: seat.name })}
              onPress={() => void send("seat.interpret", { seat: seat.seat, interprets: !seat.interprets })}
            >
              {t(seat.interprets ? "interpret.off" : "interpret.on")}
            </Button>
          )}
          {seat.hand_raised_at !== null && may("lobby.admit") && (
            <Button small onPress={() => void send("hand.lower", { seat: seat.seat })}>
              {t("hand.lower_other")}
            </Button>
          )}
          {may("seat.remove") && seat.presence !== "left" && (
            <Button small aria-label={t("remove.name", { name: seat.name })} onPress={onRemove}>
              {t("remove.short")}
            </Button>
          )}
        </span>
      )}
    </li>
  );
}

function Lobby() {
  const { t } = useTranslation("room");
  const { state, send } = useCall();
  const [denying, setDenying] = useState<{ seat: string; name: string } | null>(null);
  const guests = state.lobby.filter((entry) => !entry.claim);
  return (
    <section className={css.section}>
      <h3 className={css.sectionTitle}>{t("lobby.title")}</h3>
      {guests.length === 0 && <p className={css.empty}>{t("lobby.nobody")}</p>}
      <ul className={css.list}>
        {guests.map((entry) => (
          <li key={entry.seat} className={css.item}>
            <span className={css.itemText}>
              {entry.name}
              {!entry.online && <span className={css.itemNote}>{t("lobby.away")}</span>}
            </span>
            <span className={css.buttons}>
              <Button small aria-label={t("lobby.deny_name", { name: entry.name })} onPress={() => setDenying(entry)}>
                {t("lobby.deny")}
              </Button>
              <Button
                small
                tone="primary"
                aria-label={t("lobby.admit_name", { name: entry.name })}
                onPress={() => void send("lobby.admit", { seat: entry.seat })}
              >
                {t("lobby.admit")}
              </Button>
            </span>
          </li>
        ))}
      </ul>
      {guests.length > 1 && (
        <Button tone="primary" onPress={() => void send("lobby.admit_all", {})}>
          {t("lobby.admit_all")}
        </Button>
      )}
      <DenyDialog entry={denying} onClose={() => setDenying(null)} />
    </section>
  );
}
