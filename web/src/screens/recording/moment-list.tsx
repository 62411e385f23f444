/** The moments of a recording in order: what people marked, and where something is missing and why. */
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Empty } from "../desk/fetched";
import { clockOf } from "../desk/moments";
import page from "../desk/fields.module.css";
import { causeText, gapsByPerson } from "./gaps";
import type { RecordingView } from "./recording";

export function MomentList({ recording, onSeek }: { recording: RecordingView; onSeek: (seconds: number) => void }) {
  const { t } = useTranslation("records");
  const gaps = gapsByPerson(recording).flatMap(({ gap, names }) => {
    const cause = causeText(gap, t);
    const length = clockOf(Math.max(1, gap.to_s - gap.from_s));
    return cause === null ? [] : [{ id: `${gap.track} ${gap.from_s}`, at_s: gap.from_s, text: t("recording.gap", { names: names.join(", "), cause, length }) }];
  });
  const moments = [...recording.marks, ...gaps].sort((one, other) => one.at_s - other.at_s);
  return (
    <Card title={t("recording.moments")}>
      {moments.length === 0 && <Empty>{t("recording.no_moments")}</Empty>}
      <ol className={page.list}>
        {moments.map(({ id, at_s, text }) => (
          <li key={id}>
            <span className={page.item}>{text}</span>
            <Button small tone="quiet" aria-label={t("recording.play_from", { at: clockOf(at_s), text })} onPress={() => onSeek(at_s)}>
              {clockOf(at_s)}
            </Button>
          </li>
        ))}
      </ol>
    </Card>
  );
}
