/** A recording to look at: what of whom is there and when, where something is missing, and where one is listening now. */
import { useTranslation } from "react-i18next";
import { clockOf } from "../desk/moments";
import css from "./track-picture.module.css";

export interface Span {
  readonly from_s: number;
  readonly to_s: number;
}

export interface PicturedTrack {
  readonly id: string;
  readonly label: string;
  readonly spans: readonly Span[];
  /** Missing although the person was there and had agreed: the line or the machine failed. */
  readonly faults: readonly Span[];
}

export interface PicturedMark {
  readonly id: string;
  readonly at_s: number;
  readonly text: string;
}

export interface TrackPictureProps {
  durationS: number;
  tracks: readonly PicturedTrack[];
  marks: readonly PicturedMark[];
  positionS: number;
  onSeek: (seconds: number) => void;
}

export function TrackPicture({ durationS, tracks, marks, positionS, onSeek }: TrackPictureProps) {
  const { t } = useTranslation("records");
  const at = (seconds: number) => `${((Math.min(Math.max(seconds, 0), durationS) / durationS) * 100).toFixed(3)}%`;
  const box = ({ from_s, to_s }: Span) => ({ insetInlineStart: at(from_s), inlineSize: at(to_s - from_s) });
  return (
    <figure className={css.picture} aria-label={t("recording.picture")}>
      <ul className={css.tracks}>
        {tracks.map((track) => (
          <li key={track.id} className={css.track}>
            <span className={css.label}>{track.label}</span>
            <span className={css.lane} role="img" aria-label={said(track.spans, (from, to) => t("recording.from_to", { from, to })) || t("recording.nothing_written")}>
              {track.spans.map((span) => <span key={span.from_s} className={css.written} style={box(span)} />)}
              {track.faults.map((fault) => <span key={fault.from_s} className={css.gap} style={box(fault)} />)}
              <span className={css.here} style={{ insetInlineStart: at(positionS) }} />
            </span>
          </li>
        ))}
      </ul>
      <div className={css.scrubber}>
        <span className={css.time}>{clockOf(positionS)} / {clockOf(durationS)}</span>
        <div className={css.rail}>
          {marks.map((mark) => <span key={mark.id} className={css.mark} style={{ insetInlineStart: at(mark.at_s) }} aria-hidden="true" />)}
          <input
            type="range"
            className={css.range}
            min={0}
            max={Math.ceil(durationS)}
            step={1}
            value={Math.floor(positionS)}
            aria-label={t("recording.position")}
            aria-valuetext={clockOf(positionS)}
            onChange={(event) => onSeek(event.currentTarget.valueAsNumber)}
          />
        </div>
      </div>
      <figcaption className={css.legend}>
        <span><i className={css.written} />{t("recording.legend_written")}</span>
        <span><i className={css.empty} />{t("recording.legend_not_written")}</span>
        <span><i className={css.gap} />{t("recording.legend_gap")}</span>
        <span><i className={css.mark} />{t("recording.legend_mark")}</span>
      </figcaption>
    </figure>
  );
}

const said = (spans: readonly Span[], say: (from: string, to: string) => string) =>
  spans.map(({ from_s, to_s }) => say(clockOf(from_s), clockOf(to_s))).join(", ");
