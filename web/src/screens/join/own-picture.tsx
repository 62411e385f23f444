/** One's own picture before the door, with microphone and camera at hand. */
import { Mic, MicOff, Video, VideoOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { useReadable } from "../../elements/use-readable";
import type { LocalMedia } from "../../net/media/local-media";
import { Picture } from "../room/picture";
import css from "./own-picture.module.css";

export function OwnPicture({ local }: { local: LocalMedia }) {
  const { t } = useTranslation("join");
  const { mic, camera } = useReadable(local.state);
  const tracks = useReadable(local.tracks);
  const [micOn, cameraOn] = [mic.status === "on", camera.status === "on"];
  return (
    <div className={css.own}>
      <div className={css.frame}>
        {tracks.camera !== null ? (
          <Picture track={tracks.camera} fit="cover" mirrored label={t("devices.own_picture")} />
        ) : (
          <p className={css.none}>
            <VideoOff size={40} aria-hidden="true" />
            {camera.status === "starting" ? t("devices.starting") : t("devices.no_picture")}
          </p>
        )}
      </div>
      <div className={css.buttons}>
        <Button
          icon={micOn ? <Mic size={20} aria-hidden="true" /> : <MicOff size={20} aria-hidden="true" />}
          aria-label={micOn ? t("devices.mic_on_name") : t("devices.mic_off_name")}
          onPress={() => void local.setMicMuted(micOn)}
        >
          {micOn ? t("devices.mic_on") : t("devices.mic_off")}
        </Button>
        <Button
          icon={cameraOn ? <Video size={20} aria-hidden="true" /> : <VideoOff size={20} aria-hidden="true" />}
          aria-label={cameraOn ? t("devices.camera_on_name") : t("devices.camera_off_name")}
          onPress={() => void local.setCameraOn(!cameraOn)}
        >
          {cameraOn ? t("devices.camera_on") : t("devices.camera_off")}
        </Button>
      </div>
    </div>
  );
}
