/** A notice in the flow of the page: what happened, what to do, one action. */
import type { ReactNode } from "react";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import css from "./banner.module.css";

export type BannerTone = "information" | "success" | "warning" | "danger";

const ICONS = { information: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert };

export interface BannerProps {
  tone?: BannerTone;
  title?: string;
  children?: ReactNode;
  action?: ReactNode;
  /** Reads the notice out when it appears; for what the person did not cause by a press just now. */
  live?: boolean;
}

export function Banner({ tone = "information", title, children, action, live }: BannerProps) {
  const Icon = ICONS[tone];
  return (
    <div className={`${css.banner} ${css[tone]}`} role={live ? (tone === "danger" ? "alert" : "status") : undefined}>
      <Icon className={css.icon} size={22} aria-hidden="true" />
      <div className={css.text}>
        {title !== undefined && <p className={css.title}>{title}</p>}
        {children}
      </div>
      {action !== undefined && action !== false && <div className={css.action}>{action}</div>}
    </div>
  );
}
