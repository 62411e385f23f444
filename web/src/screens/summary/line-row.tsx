/** One line of a summary with what it rests on: its moment, whose deed it tells, and who wrote it. */
import type { ReactNode } from "react";
import { Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { clockOf, useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import css from "./summary.module.css";
import { textOf, type Line } from "./lines";

const KINDS = ["who_was_there", "agenda", "bookmark", "chat", "recording", "next_step", "note"] as const;

export function LineRow({ line, onSeek, children, actions }: {
  line: Line | null;
  onSeek: ((seconds: number) => void) | null;
  children: ReactNode;
  actions?: ReactNode;
}) {
  const { t } = useTranslation("records");
  const moments = useMomentsIn(useMe().tenant.zone);
  const at_s = line?.at_s ?? null;
  const kind = KINDS.find((known) => known === line?.kind);
  const author = line !== null && line.author === null ? t("summary.by_machine") : t("summary.by", { name: line?.author?.name ?? t("summary.me") });
  return (
    <li className={css.line}>
      <div className={css.moment}>
        {line?.at && <time className={page.small} dateTime={line.at}>{moments.time(line.at)}</time>}
        {at_s !== null && onSeek !== null && (
          <Button small tone="quiet" aria-label={t("summary.play_from", { at: clockOf(at_s) })} onPress={() => onSeek(at_s)}>
            <Play size={14} aria-hidden="true" />
            {clockOf(at_s)}
          </Button>
        )}
      </div>
      <div className={css.words}>
        {children}
        <p className={page.small}>{[kind && t(`summary.kind.${kind}`), line?.by?.name, author].filter(Boolean).join(" · ")}</p>
      </div>
      {actions !== undefined && <div className={css.edit}>{actions}</div>}
    </li>
  );
}

export function LineText({ line }: { line: Line }) {
  const { i18n } = useTranslation("records");
  return <p>{textOf(line, i18n.language === "en" ? "en" : "ko")}</p>;
}
