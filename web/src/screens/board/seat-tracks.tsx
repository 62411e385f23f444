/** One person's line, track by track: what comes from them and what goes to them. Asked for only while it is open. */
import { useState, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Fetched } from "../desk/fetched";
import css from "./board.module.css";
import { Figures } from "./figures";
import { tracksQuery, type BoardSeat, type ReceivedFigures, type SentFigures } from "./queries";
import { useUnits } from "./words";

export function SeatTracks({ appointment, seat }: { appointment: string; seat: BoardSeat }) {
  const { t } = useTranslation("desk");
  const [open, setOpen] = useState(false);
  return (
    <details className={css.tracks} open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary aria-label={t("board.tracks.open_for", { name: seat.name })}>{t("board.tracks.open")}</summary>
      {open && <Tracks appointment={appointment} seat={seat.id} />}
    </details>
  );
}

function Tracks({ appointment, seat }: { appointment: string; seat: string }) {
  const { t } = useTranslation("desk");
  const tracks = useQuery(tracksQuery(appointment, seat));
  return (
    <Fetched query={tracks}>
      {({ sends, receives }) => (
        <div className={css.directions}>
          <Direction title={t("board.tracks.sends")} empty={t("board.tracks.sends_nothing")}>
            {sends.map((track) => <Sent key={`${track.source} ${track.layer}`} track={track} />)}
          </Direction>
          <Direction title={t("board.tracks.receives")} empty={t("board.tracks.receives_nothing")}>
            {receives.map((track) => <Received key={`${track.seat_id} ${track.source}`} track={track} />)}
          </Direction>
        </div>
      )}
    </Fetched>
  );
}

function Direction({ title, empty, children }: { title: string; empty: string; children: readonly ReactNode[] }) {
  return (
    <div>
      <h3>{title}</h3>
      {children.length === 0 ? <p>{empty}</p> : <ul>{children}</ul>}
    </div>
  );
}

function Sent({ track }: { track: SentFigures }) {
  const { t } = useTranslation("desk");
  const { percent, rate, picture } = useUnits();
  const rests = track.bitrate_bps === 0; // silence, or a size that nobody looks at
  return (
    <li>
      <strong>{t(`board.tracks.source.${track.source}`)}</strong>
      <Figures
        figures={[
          [t("board.line.layer"), isPicture(track) ? picture(track.layer, track.height) : null],
          [t("board.tracks.rate"), rests ? t("board.tracks.rests") : rate(track.bitrate_bps)],
          [t("board.tracks.loss"), rests ? null : percent(track.loss_percent)],
        ]}
      />
    </li>
  );
}

function Received({ track }: { track: ReceivedFigures }) {
  const { t } = useTranslation("desk");
  const { number, percent, rate } = useUnits();
  const layer = useLayerOf(track);
  return (
    <li>
      <strong>{t("board.tracks.of", { name: track.name, source: t(`board.tracks.source.${track.source}`) })}</strong>
      <Figures
        figures={[
          [t("board.line.layer"), layer],
          [t("board.tracks.rate"), rate(track.bitrate_bps)],
          [t("board.tracks.loss"), percent(track.loss_percent)],
          [t("board.line.freezes"), isPicture(track) ? number(track.freezes_per_minute) : null],
          [t("board.line.concealed"), percent(track.concealed_percent)],
        ]}
      />
    </li>
  );
}

/** Which size of a picture is on its way, or why none is; null for sound. */
function useLayerOf(track: ReceivedFigures): string | null {
  const { t } = useTranslation("desk");
  const { picture } = useUnits();
  if (!isPicture(track)) return null;
  if (track.paused) return t("board.tracks.paused");
  return track.layer === null ? t("board.tracks.not_sent") : picture(track.layer, track.height);
}

const isPicture = ({ source }: SentFigures | ReceivedFigures) => source === "camera" || source === "screen";
