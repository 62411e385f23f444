/** A surface that holds one thing, and the small word that says its state. */
import type { ReactNode } from "react";
import css from "./card.module.css";

export function Card({ title, level = 2, actions, children }: {
  title?: ReactNode;
  level?: 2 | 3;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const Title = level === 2 ? "h2" : "h3";
  return (
    <section className={css.card}>
      {(title !== undefined || actions !== undefined) && (
        <header className={css.header}>
          {title !== undefined && <Title className={css.title}>{title}</Title>}
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

export type BadgeTone = "neutral" | "primary" | "success" | "warning" | "danger";

export function Badge({ tone = "neutral", children }: { tone?: BadgeTone; children: ReactNode }) {
  return <span className={`${css.badge} ${css[tone]}`}>{children}</span>;
}
