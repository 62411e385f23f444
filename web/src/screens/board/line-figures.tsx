/** The figures of one line. */
import { useTranslation } from "react-i18next";
import { Figures } from "./figures";
import type { SeatFigures } from "./queries";
import { useUnits } from "./words";

export function LineFigures({ line }: { line: SeatFigures }) {
  const { t } = useTranslation("desk");
  const { number, percent, rate, milliseconds } = useUnits();
  return (
    <Figures
      figures={[
        [t("board.line.rtt"), milliseconds(line.rtt_ms)],
        [t("board.line.up_loss"), percent(line.up_loss_percent)],
        [t("board.line.down_loss"), percent(line.down_loss_percent)],
        [t("board.line.up_rate"), rate(line.up_bps)],
        [t("board.line.down_rate"), rate(line.down_bps)],
        [t("board.line.layer"), number(line.layer === null || line.layer === undefined ? null : line.layer + 1)],
        [t("board.line.paused"), number(line.paused === 0 ? null : line.paused)],
        [t("board.line.freezes"), number(line.freezes_per_minute)],
        [t("board.line.concealed"), percent(line.concealed_percent)],
      ]}
    />
  );
}
