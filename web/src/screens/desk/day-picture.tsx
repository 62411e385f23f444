/** The day at a glance: one lane for each room, the present as a line. The list beside it says the same in words. */
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { pictureOfDay, type DayEntry } from "./day";
import type { Moments } from "./moments";
import css from "./day-picture.module.css";

export interface PicturedEntry extends DayEntry {
  readonly name: string;
  readonly status: string;
}

const percent = (fraction: number) => `${(fraction * 100).toFixed(3)}%`;

export function DayPicture({ entries, nowMs, moments }: {
  entries: readonly PicturedEntry[];
  nowMs: number;
  moments: Moments;
}) {
  const { t } = useTranslation("desk");
  const picture = pictureOfDay(entries, nowMs);
  return (
    <figure className={css.picture} aria-label={t("today.picture", { day: moments.day(nowMs) })}>
      <div className={css.scroll}>
        <div className={css.axis} aria-hidden="true">
          {picture.ticks.map(({ atMs, start }) => (
            <span key={atMs} className={css.hour} style={{ insetInlineStart: percent(start) }}>
              {moments.time(atMs)}
            </span>
          ))}
        </div>
        <ul className={css.lanes}>
          {picture.lanes.map(({ room, blocks }) => (
            <li key={room ?? ""} className={css.lane}>
              <span className={css.room}>{room ?? t("today.no_room")}</span>
              <div className={css.track}>
                {picture.ticks.map(({ atMs, start }) => (
                  <span key={atMs} className={css.line} style={{ insetInlineStart: percent(start) }} aria-hidden="true" />
                ))}
                {blocks.map(({ entry, start, width }) => (
                  <Link
                    key={entry.id}
                    href={`/desk/appointments/${entry.id}`}
                    className={css.block}
                    data-status={entry.status}
                    style={{ insetInlineStart: percent(start), inlineSize: percent(width) }}
                    aria-label={`${moments.span(entry.starts_at, entry.ends_at)} ${entry.name}`}
                    title={`${moments.span(entry.starts_at, entry.ends_at)} ${entry.name}`}
                  >
                    <span>{entry.name}</span>
                  </Link>
                ))}
                {picture.now !== null && <span className={css.now} style={{ insetInlineStart: percent(picture.now) }} aria-hidden="true" />}
              </div>
            </li>
          ))}
        </ul>
      </div>
    </figure>
  );
}
