/** One of a short list. The browser's own list: the one people know, and on a phone the one that fits a thumb. */
import { useId } from "react";
import { ChevronDown } from "lucide-react";
import css from "./select.module.css";

export interface Choice {
  id: string;
  text: string;
}

export interface SelectProps {
  label: string;
  choices: readonly Choice[];
  value: string | null;
  onChange: (id: string) => void;
  /** Stands there while nothing is chosen. */
  placeholder?: string;
  /** Hides the label from sight where its neighbour says the same. */
  labelHidden?: boolean;
  isDisabled?: boolean;
}

export function Select({ label, choices, value, onChange, placeholder, labelHidden, isDisabled }: SelectProps) {
  const id = useId();
  const isUnchosen = !choices.some((choice) => choice.id === value);
  return (
    <div className={css.select}>
      <label htmlFor={id} className={labelHidden ? "visually-hidden" : css.label}>
        {label}
      </label>
      <div className={css.box}>
        <select
          id={id}
          className={css.control}
          value={isUnchosen ? "" : (value ?? "")}
          disabled={isDisabled ?? choices.length === 0}
          onChange={(event) => onChange(event.target.value)}
        >
          {isUnchosen && (
            <option value="" disabled>
              {placeholder ?? ""}
            </option>
          )}
          {choices.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {choice.text}
            </option>
          ))}
        </select>
        <ChevronDown className={css.sign} size={20} aria-hidden="true" />
      </div>
    </div>
  );
}
