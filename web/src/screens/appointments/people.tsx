/** Who takes part: presence as it is now, the phone number, and for guests the link that lets them in. */
import { useTranslation } from "react-i18next";
import { Phone } from "lucide-react";
import { Badge, Card, type BadgeTone } from "../../elements/card";
import { ButtonTo } from "../desk/link";
import { phoneText } from "../../locales/phone";
import page from "../desk/fields.module.css";
import css from "./people.module.css";
import { GuestLink } from "./guest-link";
import { guestsOf, hostsOf, isAhead, isLive, type AppointmentCard, type SeatCard } from "./queries";

const TONES: Partial<Record<SeatCard["presence"], BadgeTone>> = {
  waiting: "primary",
  admitted: "success",
  connected: "success",
  reconnecting: "warning",
  dropped: "warning",
};

export function People({ card, mayInvite }: { card: AppointmentCard; mayInvite: boolean }) {
  const { t } = useTranslation("booking");
  const linkable = mayInvite && (isAhead(card) || isLive(card));
  return (
    <Card
      title={t("people.title")}
      actions={card.kind === "small_group" && <ButtonTo small href={`/desk/appointments/${card.id}/roster`}>{t("people.roster")}</ButtonTo>}
    >
      <ul className={page.list}>
        {guestsOf(card).map((seat) => (
          <li key={seat.id}>
            <Person seat={seat} live={isLive(card)} />
            {linkable && <GuestLink appointmentId={card.id} seat={seat} />}
          </li>
        ))}
        {hostsOf(card).map((seat) => <li key={seat.id}><Person seat={seat} live={isLive(card)} /></li>)}
      </ul>
    </Card>
  );
}

function Person({ seat, live }: { seat: SeatCard; live: boolean }) {
  const { t } = useTranslation("booking");
  const { t: desk } = useTranslation("desk");
  return (
    <div className={page.item}>
      <span className={css.name}>
        <strong>{seat.name}</strong>
        {seat.staff && <Badge>{desk(`seat.${seat.role}`)}</Badge>}
        {live && <Badge tone={TONES[seat.presence] ?? "neutral"}>{desk(`presence.${seat.presence}`)}</Badge>}
      </span>
      {seat.display_name !== seat.name && <p>{t("roster.display_name", { name: seat.display_name })}</p>}
      {seat.phone !== null && (
        <a className={css.phone} href={`tel:${seat.phone}`}>
          <Phone size={16} aria-hidden="true" />
          {phoneText(seat.phone)}
        </a>
      )}
    </div>
  );
}
