/** A button that says what it does; `pending` keeps its place and tells assistive technology that work is going on. */
import { useEffect, useId, type ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import css from "./button.module.css";

/** So long React Aria's announcer waits before the first reading on a page: the button may be gone by then. */
const FIRST_READING_MS = 100;

export type ButtonTone = "primary" | "secondary" | "quiet" | "danger";

export interface ButtonProps extends Omit<AriaButtonProps, "children" | "className" | "isPending"> {
  tone?: ButtonTone;
  /** Wide buttons are the one next step of a page. */
  wide?: boolean;
  small?: boolean;
  pending?: boolean;
  icon?: ReactNode;
  children: ReactNode;
}

export function Button({ tone = "secondary", wide, small, pending, icon, children, ...rest }: ButtonProps) {
  const own = useId();
  const id = rest.id ?? own;
  useEffect(() => {
    const page = document; // kept, for the timer may outlive it
    return () => {
      removeReadings(page, id);
      setTimeout(() => removeReadings(page, id), FIRST_READING_MS);
    };
  }, [id]);
  const classes = [css.button, css[tone], wide && css.wide, small && css.small].filter(Boolean).join(" ");
  return (
    <AriaButton {...rest} id={id} {...(pending === undefined ? {} : { isPending: pending })} className={classes}>
      {pending ? <span className={css.spinner} aria-hidden="true" /> : icon}
      <span>{children}</span>
    </AriaButton>
  );
}

/** React Aria has a pending button read out by its id, and keeps that for some seconds: without the button it has no name. */
function removeReadings(page: Document, id: string): void {
  for (const reading of page.querySelectorAll(`[data-live-announcer] [aria-labelledby~="${id}"]`)) reading.remove();
}

/** A link that looks like a button, for a step that is a page of its own. */
export function ButtonLink({
  href,
  tone = "secondary",
  wide,
  small,
  icon,
  children,
  ...rest
}: {
  href: string;
  tone?: ButtonTone;
  wide?: boolean;
  small?: boolean;
  icon?: ReactNode;
  children: ReactNode;
  onClick?: (event: React.MouseEvent<HTMLAnchorElement>) => void;
}) {
  const classes = [css.button, css[tone], wide && css.wide, small && css.small].filter(Boolean).join(" ");
  return (
    <a {...rest} href={href} className={classes}>
      {icon}
      <span>{children}</span>
    </a>
  );
}
