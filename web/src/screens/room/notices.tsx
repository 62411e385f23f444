/** What needs somebody now, above the faces and never over them: who waits, a seat in dispute, a device, the line. */
import { useEffect, useRef, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { useKeptFocus } from "../../elements/use-kept-focus";
import { useReadable } from "../../elements/use-readable";
import type { LobbyEntry } from "../../net/messages.gen";
import { stalledInputs } from "../../state/call";
import { useCall, useCapture } from "./call-context";
import { CentreHelp } from "./centre-help";
import { DenyDialog } from "./deny-dialog";
import css from "./notices.module.css";
import { Sounds } from "./sounds";

const SHOWN_ONE_BY_ONE = 2;
/** After a camera was turned off the line has so long to get better before more is said of it. */
export const TRIED_MS = 20_000;

/** `next`: where the focus goes on from a notice that was answered. */
export function Notices({ next }: { next: RefObject<HTMLElement | null> }) {
  const { t } = useTranslation("room");
  const notices = useRef<HTMLElement>(null);
  useKeptFocus(notices, next);
  return (
    <section ref={notices} className={css.notices} aria-label={t("notices")}>
      <Sounds />
      <Away />
      <Claimed />
      <Waiting />
      <DeviceRepairs />
      <NothingArrives />
    </section>
  );
}

function Waiting() {
  const { t } = useTranslation("room");
  const { state, send, may } = useCall();
  const [denying, setDenying] = useState<LobbyEntry | null>(null);
  if (!may("lobby.admit") || state.lobby.length === 0) return null;
  const claims = state.lobby.filter((entry) => entry.claim);
  const guests = state.lobby.filter((entry) => !entry.claim);
  const many = guests.length > SHOWN_ONE_BY_ONE;
  return (
    <>
      {many && (
        <Banner title={t("lobby.many_wait", { count: guests.length })} action={<AdmitAll />}>
          <p>{guests.map((entry) => entry.name).join(", ")}</p>
        </Banner>
      )}
      {!many &&
        guests.map((entry) => (
          <Banner
            key={entry.seat}
            title={t("lobby.waits", { name: entry.name })}
            action={
              <>
                <Button small onPress={() => setDenying(entry)}>
                  {t("lobby.deny")}
                </Button>
                <Button small tone="primary" onPress={() => void send("lobby.admit", { seat: entry.seat })}>
                  {t("lobby.admit")}
                </Button>
              </>
            }
          >
            {!entry.online && <p>{t("lobby.away")}</p>}
          </Banner>
        ))}
      {claims.map((entry) => (
        <Banner
          key={entry.seat}
          tone="warning"
          title={t("claim.title", { name: entry.name })}
          action={<ClaimAnswer seat={entry.seat} />}
        >
          <p>{t("claim.host_body")}</p>
        </Banner>
      ))}
      <DenyDialog entry={denying} onClose={() => setDenying(null)} />
    </>
  );
}

function AdmitAll() {
  const { t } = useTranslation("room");
  const { send } = useCall();
  return (
    <Button small tone="primary" onPress={() => void send("lobby.admit_all", {})}>
      {t("lobby.admit_all")}
    </Button>
  );
}

function ClaimAnswer({ seat }: { seat: string }) {
  const { t } = useTranslation("room");
  const { send } = useCall();
  return (
    <>
      <Button small onPress={() => void send("seat.takeover", { seat, agree: true })}>
        {t("claim.agree")}
      </Button>
      <Button small tone="primary" onPress={() => void send("seat.takeover", { seat, agree: false })}>
        {t("claim.refuse")}
      </Button>
    </>
  );
}

/** Another connection asks for one's own seat: perhaps one's phone, perhaps somebody with the forwarded link. */
function Claimed() {
  const { t } = useTranslation("room");
  const { state } = useCall();
  if (!state.you.claimed) return null;
  return (
    <Banner tone="warning" live title={t("claim.yours_title")} action={<ClaimAnswer seat={state.you.seat} />}>
      <p>{t("claim.yours_body")}</p>
    </Banner>
  );
}

const INPUTS = ["mic", "camera"] as const;
type Input = (typeof INPUTS)[number];

/** What is the matter with a device, each with its repair. A call on the phone takes both at once: that is one matter. */
function DeviceRepairs() {
  const { t } = useTranslation("join");
  const capture = useCapture();
  if (INPUTS.every((input) => capture[input].problem === "interrupted")) {
    return <DeviceRepair inputs={INPUTS} title={t("devices.problem.both.interrupted.title")} help={t("devices.problem.both.interrupted.help")} />;
  }
  return INPUTS.map((input) => {
    const { problem } = capture[input];
    if (problem === null) return null;
    const words = `devices.problem.${input}.${problem}` as const;
    return <DeviceRepair key={words} inputs={[input]} title={t(`${words}.title`)} help={t(`${words}.help`)} />;
  });
}

function DeviceRepair({ inputs, title, help }: { inputs: readonly Input[]; title: string; help: string }) {
  const { t } = useTranslation("room");
  const { local } = useCall();
  const capture = useCapture();
  const [dismissed, setDismissed] = useState(false);
  if (dismissed) return null;
  return (
    <Banner
      tone="warning"
      live
      title={title}
      action={
        <>
          <Button
            small
            tone="primary"
            pending={inputs.some((input) => capture[input].status === "starting")}
            onPress={() => inputs.forEach((input) => void local.repair(input))}
          >
            {t("device.repair")}
          </Button>
          <Button small onPress={() => setDismissed(true)}>
            {t("device.without")}
          </Button>
        </>
      }
    >
      <p>{help}</p>
    </Banner>
  );
}

/** A device is on and says nothing is wrong, and still nothing of it reaches the others: open it again. */
function NothingArrives() {
  const { t } = useTranslation("room");
  const { state, session, local } = useCall();
  const line = useReadable(session.line);
  const capture = useCapture();
  const own = state.seats.find((seat) => seat.seat === state.you.seat);
  const silent = own === undefined ? [] : stalledInputs(own).filter((input) => capture[input].problem === null && capture[input].status !== "muted");
  const words = silent.length > 1 ? "both" : silent[0];
  if (words === undefined || line === "away") return null;
  const repair = async () => {
    for (const input of silent) await local.repair(input);
  };
  return (
    <Banner
      tone="warning"
      live
      title={t(`stalled.${words}.title`)}
      action={
        <Button small tone="primary" pending={silent.some((input) => capture[input].status === "starting")} onPress={() => void repair()}>
          {t(`stalled.${words}.repair`)}
        </Button>
      }
    >
      <p>{t(`stalled.${words}.help`)}</p>
    </Banner>
  );
}

/** One's own line: told to the one who can do something, with one action. */
function Away() {
  const { t } = useTranslation("room");
  const { state, session } = useCall();
  const line = useReadable(session.line);
  const own = state.seats.find((seat) => seat.seat === state.you.seat);
  if (line === "away") {
    return (
      <Banner tone="warning" live title={t("line.away")}>
        <p>{t("line.away_help")}</p>
      </Banner>
    );
  }
  return own?.hint === "weak" ? <Weak /> : null;
}

/** Without a picture to give up there is still the place, what else runs on the device, and the telephone. */
function Weak() {
  const { t } = useTranslation("room");
  const { local } = useCall();
  const { camera } = useCapture();
  const [tries, setTries] = useState(false);
  useEffect(() => {
    if (!tries) return;
    const timer = setTimeout(() => setTries(false), TRIED_MS);
    return () => clearTimeout(timer);
  }, [tries]);
  if (camera.status === "on") {
    const turnOff = () => {
      setTries(true);
      void local.setCameraOn(false);
    };
    return (
      <Banner
        live
        title={t("line.weak")}
        action={
          <Button small onPress={turnOff}>
            {t("line.voice_only")}
          </Button>
        }
      />
    );
  }
  if (tries) return null;
  return (
    <Banner live title={t("line.weak")}>
      <p>{t("line.weak_help")}</p>
      <CentreHelp />
    </Banner>
  );
}
