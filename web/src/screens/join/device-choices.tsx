/** Which microphone, camera and speaker; where there is only one there is nothing to ask. */
import { useTranslation } from "react-i18next";
import { Select, type Choice } from "../../elements/select";
import { useReadable } from "../../elements/use-readable";
import type { LocalMedia } from "../../net/media/local-media";
import type { DeviceChoice } from "../../state/capture";
import css from "./device-check.module.css";

export function DeviceChoices({ local }: { local: LocalMedia }) {
  const { t } = useTranslation("join");
  const { mic, camera, mics, cameras, speakers, speakerId } = useReadable(local.state);
  const named = (devices: readonly DeviceChoice[]): Choice[] =>
    devices.map(({ id, label }, index) => ({ id, text: label || t("devices.unnamed", { number: index + 1 }) }));
  return (
    <div className={css.choices}>
      <Select label={t("devices.mic")} choices={named(mics)} value={mic.deviceId} placeholder={t("devices.none_found")} onChange={(id) => void local.choose("mic", id)} />
      <Select label={t("devices.camera")} choices={named(cameras)} value={camera.deviceId} placeholder={t("devices.none_found")} onChange={(id) => void local.choose("camera", id)} />
      {speakers.length > 0 && (
        <Select label={t("devices.speaker")} choices={named(speakers)} value={speakerId ?? speakers[0]?.id ?? null} onChange={(id) => local.chooseSpeaker(id)} />
      )}
    </div>
  );
}
