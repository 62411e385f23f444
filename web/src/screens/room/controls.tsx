/** The one bar of the room: large, labelled, the state of each control in its name. */
import type { ReactNode, Ref } from "react";
import { Hand, ListChecks, MessageSquareText, Mic, MicOff, MonitorUp, NotebookPen, Users, Video, VideoOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button as AriaButton } from "react-aria-components/Button";
import { useAnnouncer } from "../../elements/announcer";
import { hasOrder } from "../../state/call";
import { useCall, useCapture } from "./call-context";
import css from "./controls.module.css";
import { LeaveButton } from "./leave";
import { MoreMenu } from "./more-menu";
import { SHORTCUTS } from "./use-shortcuts";

export type PanelName = "agenda" | "chat" | "people" | "notes";

interface ControlProps {
  icon: ReactNode;
  /** What is seen. */
  text: string;
  /** What is read: the text, its state, and what a press does. */
  name: string;
  tone?: "plain" | "off" | "on" | "leave";
  /** On a phone it is in the menu instead. */
  secondary?: boolean;
  badge?: number;
  pressed?: boolean;
  /** The key that does the same, as `aria-keyshortcuts` writes it. */
  keys?: string;
  onPress: () => void;
}

export function Control({ icon, text, name, tone = "plain", badge = 0, pressed, secondary, keys, onPress }: ControlProps) {
  return (
    <AriaButton
      className={`${css.control} ${css[tone] ?? ""}`}
      aria-label={name}
      onPress={onPress}
      data-secondary={secondary ? "" : undefined}
      aria-keyshortcuts={keys}
      {...(pressed === undefined ? {} : { "aria-expanded": pressed })}
    >
      <span className={css.icon} data-badge={badge > 0 ? badge : undefined} aria-hidden="true">
        {icon}
      </span>
      <span className={css.text} aria-hidden="true">
        {text}
      </span>
    </AriaButton>
  );
}

interface ControlsProps {
  ref?: Ref<HTMLElement>;
  panel: PanelName | null;
  onPanel: (panel: PanelName | null) => void;
  unread: number;
}

export function Controls({ ref, panel, onPanel, unread }: ControlsProps) {
  const { t } = useTranslation("room");
  const { state } = useCall();
  const speaks = state.you.role !== "observer";
  const toggle = (name: PanelName) => () => onPanel(panel === name ? null : name);
  return (
    <nav ref={ref} className={css.bar} aria-label={t("controls.label")}>
      {speaks && <MicControl />}
      {speaks && <CameraControl />}
      {speaks && <ShareControl />}
      {speaks && <HandControl />}
      {hasOrder(state) && (
        <Control
          icon={<ListChecks />}
          secondary
          text={t(`agenda.short.${state.room.kind}`)}
          name={t(`agenda.title.${state.room.kind}`)}
          pressed={panel === "agenda"}
          onPress={toggle("agenda")}
        />
      )}
      <Control
        icon={<MessageSquareText />}
        text={t("chat.short")}
        name={unread > 0 ? t("chat.open_unread", { count: unread }) : t("chat.title")}
        badge={unread}
        pressed={panel === "chat"}
        keys={SHORTCUTS.chat}
        onPress={toggle("chat")}
      />
      <Control
        icon={<Users />}
        secondary={!state.you.staff}
        text={t("people.short")}
        name={state.lobby.length > 0 ? t("people.open_waiting", { count: state.lobby.length }) : t("people.title")}
        badge={state.lobby.length}
        pressed={panel === "people"}
        onPress={toggle("people")}
      />
      {state.you.staff && (
        <Control secondary icon={<NotebookPen />} text={t("notes.short")} name={t("notes.title")} pressed={panel === "notes"} onPress={toggle("notes")} />
      )}
      <MoreMenu onPanel={onPanel} />
      <LeaveButton />
    </nav>
  );
}

function MicControl() {
  const { t } = useTranslation("room");
  const { local } = useCall();
  const { mic } = useCapture();
  const on = mic.status === "on";
  return (
    <Control
      icon={on ? <Mic /> : <MicOff />}
      text={on ? t("mic.on") : t("mic.off")}
      name={on ? t("mic.on_name") : t("mic.off_name")}
      tone={on ? "plain" : "off"}
      keys={SHORTCUTS.mic}
      onPress={() => void local.setMicMuted(on)}
    />
  );
}

function CameraControl() {
  const { t } = useTranslation("room");
  const { local } = useCall();
  const { camera } = useCapture();
  const on = camera.status === "on";
  return (
    <Control
      icon={on ? <Video /> : <VideoOff />}
      text={on ? t("camera.on") : t("camera.off")}
      name={on ? t("camera.on_name") : t("camera.off_name")}
      tone={on ? "plain" : "off"}
      keys={SHORTCUTS.camera}
      onPress={() => void local.setCameraOn(!on)}
    />
  );
}

function ShareControl() {
  const { t } = useTranslation("room");
  const { local } = useCall();
  const { note } = useAnnouncer();
  const { screen } = useCapture();
  const share = async () => {
    if (screen.sharing) return local.stopScreen();
    const problem = await local.shareScreen();
    if (problem !== null) note(t(problem === "unsupported" ? "screen.unsupported" : "screen.failed"));
  };
  return (
    <Control
      icon={<MonitorUp />}
      secondary
      text={screen.sharing ? t("screen.on") : t("screen.off")}
      name={screen.sharing ? t("screen.on_name") : t("screen.off_name")}
      tone={screen.sharing ? "on" : "plain"}
      onPress={() => void share()}
    />
  );
}

function HandControl() {
  const { t } = useTranslation("room");
  const { state, send } = useCall();
  const raised = state.seats.some((seat) => seat.seat === state.you.seat && seat.hand_raised_at !== null);
  return (
    <Control
      icon={<Hand />}
      secondary={state.you.staff}
      text={raised ? t("hand.on") : t("hand.off")}
      name={raised ? t("hand.on_name") : t("hand.off_name")}
      tone={raised ? "on" : "plain"}
      keys={SHORTCUTS.hand}
      onPress={() => void (raised ? send("hand.lower", {}) : send("hand.raise", {}))}
    />
  );
}
