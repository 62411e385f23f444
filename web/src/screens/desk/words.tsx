/** States of the domain as words with a tone, the same on every page. */
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { Badge, type BadgeTone } from "../../elements/card";

export type AppointmentStatus = components["schemas"]["Status"];

const TONES: Record<AppointmentStatus, BadgeTone> = {
  confirmed: "neutral",
  open: "primary",
  in_progress: "success",
  completed: "neutral",
  cancelled: "neutral",
  no_show: "warning",
  interrupted: "warning",
  rescheduled: "neutral",
};

export function StatusBadge({ status }: { status: AppointmentStatus }) {
  const { t } = useTranslation("desk");
  return <Badge tone={TONES[status]}>{t(`status.${status}`)}</Badge>;
}
