/** Figures beside their names. What nobody knows is not shown. */
import css from "./board.module.css";

export type Figure = readonly [name: string, value: string | null];

export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={css.figures}>
      {figures.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
