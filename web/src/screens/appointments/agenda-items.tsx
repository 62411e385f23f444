/** Lines with minutes in an order that can be changed: an agenda, or the questions of a posting. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Field } from "../../elements/field";
import page from "../desk/fields.module.css";
import css from "./agenda-items.module.css";

export interface AgendaLine {
  readonly id: string;
  readonly text: string;
  readonly minutes: number;
}

const MOST_CHARACTERS = 300;

export function AgendaItems({ items, onChange, most, mostMinutes, foot }: {
  items: readonly AgendaLine[];
  onChange: (items: readonly AgendaLine[]) => void;
  most: number;
  mostMinutes: number;
  /** Stands at the end of the last line. */
  foot?: React.ReactNode;
}) {
  const { t } = useTranslation("booking");
  const change = (index: number, part: Partial<AgendaLine>) => onChange(items.map((item, at) => (at === index ? { ...item, ...part } : item)));
  const total = items.reduce((sum, { minutes }) => sum + minutes, 0);
  return (
    <>
      <ol className={css.items}>
        {items.map((item, index) => (
          <li key={item.id} className={css.item}>
            <span className={css.number} aria-hidden="true">{index + 1}</span>
            <Field label={t("agenda.text", { number: index + 1 })} labelHidden maxLength={MOST_CHARACTERS} value={item.text} onChange={(text) => change(index, { text })} />
            <span className={css.minutes}>
              <Field
                label={t("agenda.minutes_of", { number: index + 1 })}
                labelHidden
                inputMode="numeric"
                value={String(item.minutes)}
                onChange={(typed) => change(index, { minutes: Math.min(Number(typed.replace(/\D/g, "")) || 0, mostMinutes) })}
              />
              <span aria-hidden="true">{t("agenda.minutes")}</span>
            </span>
            <span className={css.actions}>
              <Button small tone="quiet" aria-label={t("agenda.up", { number: index + 1 })} isDisabled={index === 0} onPress={() => onChange(swapped(items, index, index - 1))}><ArrowUp size={18} aria-hidden="true" /></Button>
              <Button small tone="quiet" aria-label={t("agenda.down", { number: index + 1 })} isDisabled={index === items.length - 1} onPress={() => onChange(swapped(items, index, index + 1))}><ArrowDown size={18} aria-hidden="true" /></Button>
              <Button small tone="quiet" aria-label={t("agenda.remove", { number: index + 1 })} onPress={() => onChange(items.filter((_, at) => at !== index))}><Trash2 size={18} aria-hidden="true" /></Button>
            </span>
          </li>
        ))}
      </ol>
      <div className={css.foot}>
        <Button
          icon={<Plus size={18} aria-hidden="true" />}
          isDisabled={items.length >= most}
          onPress={() => onChange([...items, { id: crypto.randomUUID(), text: "", minutes: 5 }])}
        >
          {t("agenda.add")}
        </Button>
        <span className={page.small}>{t("agenda.total", { minutes: total })}</span>
        {foot}
      </div>
    </>
  );
}

const swapped = (items: readonly AgendaLine[], one: number, other: number): AgendaLine[] =>
  items.map((item, index) => (index === one ? items[other] ?? item : index === other ? items[one] ?? item : item));
