/** The figures of one line. What nobody knows is not shown. */
import { useTranslation } from "react-i18next";
import css from "./board.module.css";
import type { SeatFigures } from "./queries";
import { kilobits } from "./words";

export function LineFigures({ line }: { line: SeatFigures }) {
  const { t, i18n } = useTranslation("desk");
  const number = (value: number) => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(value);
  const figures = ([
    ["rtt", line.rtt_ms, (value) => `${number(value)} ms`],
    ["up_loss", line.up_loss_percent, (value) => `${number(value)} %`],
    ["down_loss", line.down_loss_percent, (value) => `${number(value)} %`],
    ["up_rate", line.up_bps, (value) => `${number(kilobits(value))} kbit/s`],
    ["down_rate", line.down_bps, (value) => `${number(kilobits(value))} kbit/s`],
    ["layer", line.layer, (value) => number(value + 1)],
    ["paused", line.paused === 0 ? null : line.paused, number],
    ["freezes", line.freezes_per_minute, number],
    ["concealed", line.concealed_percent, (value) => `${number(value)} %`],
  ] as const satisfies readonly (readonly [string, number | null | undefined, (value: number) => string])[]);
  return (
    <dl className={css.figures}>
      {figures.map(([name, value, words]) =>
        value === null || value === undefined ? null : (
          <div key={name}>
            <dt>{t(`board.line.${name}`)}</dt>
            <dd>{words(value)}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
