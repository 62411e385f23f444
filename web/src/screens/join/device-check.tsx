/** The device check: each part on its own, each failure with its own help, and the way on always open. */
import { useEffect, useRef, useState } from "react";
import { CircleCheck, TriangleAlert, Volume2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Meter } from "react-aria-components/Meter";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { useReadable } from "../../elements/use-readable";
import type { ConnectionCheck } from "../../net/connection-check";
import type { LocalMedia } from "../../net/media/local-media";
import { playTestTone, watchLevel } from "../../net/media/sound";
import type { DeviceCheck as Found, Verdict } from "../../net/visit";
import type { CaptureProblem, InputState } from "../../state/capture";
import { DeviceChoices } from "./device-choices";
import css from "./device-check.module.css";
import { InputHelp } from "./input-help";
import { OwnPicture } from "./own-picture";

const HEARD_LEVEL = 0.25;
const SLOW_RTT_MS = 500;

interface DeviceCheckProps {
  check: () => Promise<ConnectionCheck>;
  local: LocalMedia;
  /** What the way on is called. */
  nextText: string;
  onNext: (found: Found) => void;
}

export function DeviceCheck({ check, local, nextText, onNext }: DeviceCheckProps) {
  const { t } = useTranslation("join");
  const state = useReadable(local.state);
  const [heard, setHeard] = useState<boolean | null>(null);
  const connection = useConnection(check);
  useEffect(() => {
    if (local.state.get().mic.status === "off") void local.start();
  }, [local]);
  const next = () =>
    onNext({
      camera: inputVerdict(state.camera),
      microphone: inputVerdict(state.mic),
      speaker: heard === null ? "skipped" : heard ? "ok" : "failed",
      connection: connection === null ? "skipped" : carriesCalls(connection) ? "ok" : "failed",
      detail: connection === null ? "" : inNumbers(connection),
    });
  return (
    <>
      <Card title={t("devices.picture_title")}>
        <OwnPicture local={local} />
        <InputHelp local={local} input="camera" />
        <InputHelp local={local} input="mic" />
        <Level local={local} />
        <DeviceChoices local={local} />
      </Card>
      <Card title={t("devices.speaker_title")}>
        <SpeakerTest speakerId={state.speakerId} heard={heard} onHeard={setHeard} />
      </Card>
      <Card title={t("devices.connection_title")}>
        <ConnectionResult found={connection} />
      </Card>
      <p className={css.never}>{t("devices.never_blocks")}</p>
      <Button tone="primary" wide onPress={next}>
        {nextText}
      </Button>
    </>
  );
}

function inputVerdict({ status, problem }: InputState): Verdict {
  if (status === "on" || status === "muted") return "ok";
  const verdicts: Partial<Record<CaptureProblem, Verdict>> = { none: "missing", denied: "denied", in_use: "busy" };
  return problem === null ? "skipped" : (verdicts[problem] ?? "failed");
}

/** How loud the microphone hears one, and word of it once it was loud enough to be understood. */
function Level({ local }: { local: LocalMedia }) {
  const { t } = useTranslation("join");
  const { mic } = useReadable(local.state);
  const track = useReadable(local.tracks).mic;
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (track === null) return;
    return watchLevel(track, (now) => {
      setLevel(now);
      if (now > HEARD_LEVEL) setHeard(true);
    });
  }, [track]);
  if (track === null) return null;
  return (
    <div className={css.level}>
      <Meter aria-label={t("devices.level")} value={mic.status === "on" ? Math.round(level * 100) : 0} className={css.meter ?? ""}>
        {({ percentage }) => (
          <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect className={css.track} width="100" height="4" />
            <rect className={css.fill} width={percentage} height="4" />
          </svg>
        )}
      </Meter>
      <p role="status">{mic.status !== "on" ? t("devices.level_muted") : heard ? t("devices.level_heard") : t("devices.level_speak")}</p>
    </div>
  );
}

interface SpeakerTestProps {
  speakerId: string | null;
  heard: boolean | null;
  onHeard: (heard: boolean) => void;
}

function SpeakerTest({ speakerId, heard, onHeard }: SpeakerTestProps) {
  const { t } = useTranslation("join");
  const [played, setPlayed] = useState<"no" | "playing" | "yes">("no");
  const play = async () => {
    setPlayed("playing");
    await playTestTone(speakerId).catch(() => undefined);
    setPlayed("yes");
  };
  return (
    <>
      <div className={css.row}>
        <Button icon={<Volume2 size={20} aria-hidden="true" />} isDisabled={played === "playing"} onPress={() => void play()}>
          {played === "yes" ? t("devices.tone_again") : t("devices.tone")}
        </Button>
        {played === "yes" && (
          <>
            <Button onPress={() => onHeard(true)}>{t("devices.heard")}</Button>
            <Button onPress={() => onHeard(false)}>{t("devices.not_heard")}</Button>
          </>
        )}
      </div>
      <div className={css.heard} role="status">
        {heard === true && <Result good text={t("devices.speaker_good")} />}
        {heard === false && <Result text={t("devices.speaker_help")} />}
      </div>
    </>
  );
}

const carriesCalls = ({ rttMs, socket, media }: ConnectionCheck) => rttMs !== null && socket && media !== "blocked";

/** For the one who helps. */
const inNumbers = ({ rttMs, media }: ConnectionCheck) =>
  [rttMs !== null && `rtt ${Math.round(rttMs)} ms`, media !== null && `media ${media}`].filter(Boolean).join(", ");

function useConnection(check: () => Promise<ConnectionCheck>): ConnectionCheck | null {
  const [found, setFound] = useState<ConnectionCheck | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void check().then(setFound);
  }, [check]);
  return found;
}

function ConnectionResult({ found }: { found: ConnectionCheck | null }) {
  const { t } = useTranslation("join");
  return (
    <div role="status">
      {found === null ? <p>{t("devices.connection_checking")}</p> : <Result good={isGood(found)} text={t(`devices.connection_${wordsFor(found)}`)} />}
    </div>
  );
}

type ConnectionWords = "none" | "blocked" | "media_blocked" | "slow" | "relay" | "good";

/** What stands in the way most, or that nothing does. */
function wordsFor({ rttMs, socket, media }: ConnectionCheck): ConnectionWords {
  if (rttMs === null) return "none";
  if (!socket) return "blocked";
  if (media === "blocked") return "media_blocked";
  if (rttMs > SLOW_RTT_MS) return "slow";
  return media === "relay" ? "relay" : "good";
}

const isGood = (found: ConnectionCheck) => ["good", "relay"].includes(wordsFor(found));

function Result({ good, text }: { good?: boolean; text: string }) {
  const Icon = good ? CircleCheck : TriangleAlert;
  return (
    <p className={`${css.result} ${good ? css.good : css.poor}`}>
      <Icon size={20} aria-hidden="true" />
      <span>{text}</span>
    </p>
  );
}
