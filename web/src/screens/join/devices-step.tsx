/** The device check as the last step before the door. */
import { useTranslation } from "react-i18next";
import type { ConnectionCheck } from "../../net/connection-check";
import type { LocalMedia } from "../../net/media/local-media";
import type { DeviceCheck as Found, VisitAnswer } from "../../net/visit";
import { DeviceCheck } from "./device-check";
import { StepPage, type Place } from "./step-page";
import { WhenCard } from "./when-card";

interface DevicesStepProps {
  check: () => Promise<ConnectionCheck>;
  page: VisitAnswer;
  place: Place;
  local: LocalMedia;
  onNext: (found: Found) => void;
  onBack?: () => void;
}

export function DevicesStep({ check, page, place, local, onNext, onBack }: DevicesStepProps) {
  const { t } = useTranslation("join");
  return (
    <StepPage page={page} place={place} title={t("devices.title")} {...(onBack && { onBack })}>
      <WhenCard page={page} />
      <p>{t("devices.intro")}</p>
      <DeviceCheck check={check} local={local} nextText={t("devices.enter")} onNext={onNext} />
    </StepPage>
  );
}
