/** The faces of the room in a grid that uses its space, or in a strip beside what is shown to everybody. */
import { useEffect, useRef, type CSSProperties } from "react";
import { Hand, MicOff, MonitorUp, Pin } from "lucide-react";
import { Button as AriaButton } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { useNarrow } from "../../elements/use-narrow";
import { useReadable } from "../../elements/use-readable";
import { useSize } from "../../elements/use-size";
import type { SeatView, Source, State } from "../../net/messages.gen";
import { present, stalledInputs } from "../../state/call";
import { onStage } from "../../state/on-stage";
import { tileSize, type Size } from "../../state/tiles";
import { useCall, useCapture } from "./call-context";
import css from "./faces.module.css";
import { Picture } from "./picture";
import { useShown } from "./use-shown";

/** The picture of a seat: one's own comes from this device, everybody else's from the call. */
function usePicture(seat: SeatView, source: Source): MediaStreamTrack | null {
  const { session, local, state } = useCall();
  const incoming = useReadable(session.incoming);
  const bridged = useReadable(session.bridged);
  const own = useReadable(local.tracks);
  if (seat.seat === state.you.seat) return own[source];
  const track = seat.tracks.find((one) => one.source === source);
  if (track !== undefined) return track.muted ? null : (incoming.get(track.track)?.media ?? null);
  return [...incoming.values()].find((one) => one.seat === seat.seat && one.source === source && bridged.has(one.track))?.media ?? null;
}

const trackOf = (seat: SeatView, source: Source) => seat.tracks.find((track) => track.source === source)?.track;

const isWeak = (seat: SeatView) => seat.presence === "connected" && (seat.hint === "weak" || seat.hint === "unstable");

/** What should come of a person and does not, in one word: for whoever hosts, who may say so. */
const missingOf = (seat: SeatView) => {
  const inputs = seat.presence === "connected" ? stalledInputs(seat) : [];
  return inputs.length > 1 ? "both" : inputs[0];
};

const micIsOff = (seat: SeatView) => !seat.tracks.some((track) => track.source === "mic" && !track.muted);

/** `onPeople`: the whole list is asked for. */
export function Faces({ strip, onPeople }: { strip: boolean; onPeople: () => void }) {
  const { t } = useTranslation("room");
  const { state, session } = useCall();
  const { shown, rest } = onStage(state, useNarrow(), useReadable(session.pins));
  const list = useRef<HTMLUListElement>(null);
  const space = useSize(list);
  return (
    // The strip scrolls, so it can be reached by keyboard.
    <ul
      ref={list}
      className={strip ? css.strip : css.grid}
      style={strip ? undefined : tileStyle(shown.length, space, rest.length > 0)}
      aria-label={t("faces.label")}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={strip ? 0 : undefined}
    >
      {shown.map((seat) => (
        <Face key={seat.seat} seat={seat} isYou={seat.seat === state.you.seat} />
      ))}
      {rest.length > 0 && <Rest seats={rest} onPeople={onPeople} />}
    </ul>
  );
}

/** Those who are heard but not seen: how many, whose hand is up, and the way to the list of all. */
function Rest({ seats, onPeople }: { seats: readonly SeatView[]; onPeople: () => void }) {
  const { t } = useTranslation("room");
  const raised = seats.filter((seat) => seat.hand_raised_at !== null).map((seat) => seat.name);
  return (
    <li className={css.rest}>
      <AriaButton className={css.restButton ?? ""} onPress={onPeople}>
        <span className={css.restCount}>{t("faces.rest", { count: seats.length })}</span>
        {raised.length > 0 ? (
          <span className={css.restNames} data-raised="">
            <Hand className={css.hand} size={18} aria-hidden="true" /> {t("faces.rest_hands", { names: raised.join(", ") })}
          </span>
        ) : (
          <span className={css.restNames}>{seats.map((seat) => seat.name).join(", ")}</span>
        )}
      </AriaButton>
      {seats.map((seat) => (
        <Unseen key={seat.seat} track={trackOf(seat, "camera")} />
      ))}
    </li>
  );
}

/** A picture that is out of sight is not sent; it is there at once when its person comes into sight. */
function Unseen({ track }: { track: string | undefined }) {
  const { session } = useCall();
  useEffect(() => {
    if (track === undefined) return;
    session.show(track, 0);
    return () => session.show(track, null);
  }, [session, track]);
  return null;
}

/** In pixels; the gap is that of the stylesheet. */
const GAP = 8;
const PHONE_WIDTH = 600;
const REST_HEIGHT = 48;

function tileStyle(count: number, space: Size, withRest: boolean): CSSProperties {
  const left = withRest ? Math.max(0, space.height - REST_HEIGHT - GAP) : space.height;
  const { width, height } = tileSize(count, { ...space, height: left }, GAP, space.width < PHONE_WIDTH ? 3 / 4 : 4 / 3);
  return { "--tile-width": `${String(width)}px`, "--tile-height": `${String(height)}px` } as CSSProperties;
}

function Face({ seat, isYou }: { seat: SeatView; isYou: boolean }) {
  const { t } = useTranslation("room");
  const { view, state, session } = useCall();
  const pinned = useReadable(session.pins).includes(seat.seat);
  const capture = useCapture();
  const moving = useReadable(session.bridged).size > 0;
  const tile = useRef<HTMLLIElement>(null);
  const picture = usePicture(seat, "camera");
  const speaking = view.speakers.includes(seat.seat);
  const muted = isYou ? capture.mic.status !== "on" : micIsOff(seat);
  const away = seat.presence !== "connected" && !(moving && picture !== null);
  const camera = trackOf(seat, "camera");
  const paused = !away && camera !== undefined && view.paused.includes(camera);
  useShown(tile, isYou ? undefined : camera);
  const words = faceWords(state, seat, { isYou, speaking, muted, away, pinned });
  return (
    <li ref={tile} className={css.face} data-speaking={speaking && !muted ? "" : undefined} data-away={away ? "" : undefined}>
      {/* Beneath the picture too: until its first frame there is somebody to see. */}
      <span className={css.avatar} aria-hidden="true">
        {initial(seat.name)}
      </span>
      {picture !== null && !away && !paused && (
        <Picture track={picture} fit="cover" mirrored={isYou} label={t("faces.camera_of", { name: seat.name })} />
      )}
      {away && <p className={css.away}>{t("faces.reconnecting")}</p>}
      {paused && <p className={css.away}>{t(view.busy.includes(camera) ? "faces.busy" : "faces.paused")}</p>}
      <FaceLabel seat={seat} isYou={isYou} muted={muted} pinned={pinned} />
      <span className="visually-hidden">{words.map((word) => t(word)).join(", ")}</span>
    </li>
  );
}

function FaceLabel({ seat, isYou, muted, pinned }: { seat: SeatView; isYou: boolean; muted: boolean; pinned: boolean }) {
  const { t } = useTranslation("room");
  const { state } = useCall();
  const recorded = state.recording.seats.find((one) => one.seat === seat.seat);
  const missing = state.you.hosting && !isYou ? missingOf(seat) : undefined;
  const unwritten = state.recording.status === "recording" && !recorded?.sound && !recorded?.picture;
  return (
    <div className={css.label}>
      {seat.hand_raised_at !== null && <Hand className={css.hand} size={18} aria-hidden="true" />}
      {pinned && <Pin className={css.pin} size={16} aria-hidden="true" />}
      {muted && <MicOff className={css.muted} size={16} aria-hidden="true" />}
      <span className={css.name}>{isYou ? t("faces.you", { name: seat.name }) : seat.name}</span>
      {seat.role !== "guest" && <span className={css.role}>{t(`role.${seat.role}.${state.room.kind}`)}</span>}
      {seat.interprets && <span className={css.chip}>{t("faces.interprets")}</span>}
      {missing !== undefined && <span className={css.chip}>{t(`stalled.${missing}.of`)}</span>}
      {isWeak(seat) && (isYou || state.you.hosting) && <span className={css.chip}>{t("faces.weak")}</span>}
      {unwritten && <span className={css.chip}>{t("faces.unwritten")}</span>}
    </div>
  );
}

/** What the tile shows by signs, in words. */
function faceWords(state: State, seat: SeatView, now: { isYou: boolean; speaking: boolean; muted: boolean; away: boolean; pinned: boolean }) {
  return [
    now.muted ? ("faces.mic_off" as const) : ("faces.mic_on" as const),
    ...(now.speaking && !now.muted ? (["faces.speaking"] as const) : []),
    ...(seat.hand_raised_at !== null ? (["faces.hand"] as const) : []),
    ...(now.pinned ? (["faces.pinned"] as const) : []),
    ...(state.room.hosts.includes(seat.seat) ? (["faces.hosting"] as const) : []),
  ];
}

/** The screen that somebody shares, as large as there is room. */
export function SharedScreen({ seat }: { seat: SeatView }) {
  const { t } = useTranslation("room");
  const { state } = useCall();
  const picture = usePicture(seat, "screen");
  const isYou = seat.seat === state.you.seat;
  const figure = useRef<HTMLElement>(null);
  useShown(figure, isYou ? undefined : trackOf(seat, "screen"));
  const label = isYou ? t("screen.yours") : t("screen.of", { name: seat.name });
  return (
    <figure ref={figure} className={css.screen}>
      {/* One's own screen is not shown back: it would be a picture in a picture without end. */}
      {picture !== null && !isYou ? (
        <Picture track={picture} fit="contain" label={label} />
      ) : (
        <MonitorUp className={css.screenSign} size={56} aria-hidden="true" />
      )}
      <figcaption className={css.label}>
        <span className={css.name}>{label}</span>
      </figcaption>
    </figure>
  );
}

/** Who shares a screen now, if anybody; the latest comer in the roster wins. */
export const sharingSeat = (state: State): SeatView | undefined =>
  present(state).findLast((seat) => seat.tracks.some((track) => track.source === "screen" && !track.muted));

/** Korean names are known by the given name; others by their first letter. */
const initial = (name: string): string => (/^[가-힣]{3,4}$/.test(name) ? name.slice(-2) : (Array.from(name.trim())[0] ?? "").toUpperCase());
