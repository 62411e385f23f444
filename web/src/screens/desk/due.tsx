/** A list of what waits for a person's word, each with one way to it. */
import page from "./fields.module.css";
import { ButtonTo } from "./link";
import { useMomentsIn } from "./moments";
import css from "./today.module.css";

export interface DueThing {
  readonly href: string;
  /** Whom or what it is about. */
  readonly name: string;
  readonly at: string;
}

export function Due({ title, action, due, zone }: { title: string; action: string; due: readonly DueThing[]; zone: string }) {
  const moments = useMomentsIn(zone);
  if (due.length === 0) return null;
  return (
    <section className={css.due}>
      <h3>{title}</h3>
      <ul className={page.list}>
        {due.map(({ href, name, at }) => (
          <li key={href}>
            <div className={page.item}>
              <strong>{name}</strong>
              <p>{moments.dayTime(at)}</p>
            </div>
            <ButtonTo small href={href} aria-label={`${name} ${action}`}>{action}</ButtonTo>
          </li>
        ))}
      </ul>
    </section>
  );
}
