/** Everything that is heard: voices and shared sound, with one repair when the browser keeps it silent. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { useReadable } from "../../elements/use-readable";
import { useCall, useCapture } from "./call-context";
import { Sound } from "./picture";

export function Sounds() {
  const { t } = useTranslation("room");
  const { session } = useCall();
  const { speakerId } = useCapture();
  const incoming = useReadable(session.incoming);
  const [blocked, setBlocked] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const onBlocked = useCallback(() => setBlocked(true), []);
  const sounds = [...incoming.values()].filter(({ source }) => source === "mic" || source === "screen_audio");
  const turnOn = () => {
    setBlocked(false);
    setAttempt((count) => count + 1);
  };
  return (
    <>
      {sounds.map(({ track, media }) => (
        <Sound key={track} track={media} speakerId={speakerId} attempt={attempt} onBlocked={onBlocked} />
      ))}
      {blocked && (
        <Banner
          tone="warning"
          live
          title={t("sound.blocked")}
          action={
            <Button tone="primary" onPress={turnOn}>
              {t("sound.turn_on")}
            </Button>
          }
        />
      )}
    </>
  );
}
