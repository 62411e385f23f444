/** Checkbox and radio group with targets large enough for a finger. */
import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, type CheckboxProps } from "react-aria-components/Checkbox";
import { Label } from "react-aria-components/Label";
import { Radio, RadioGroup as AriaRadioGroup } from "react-aria-components/RadioGroup";
import { Text } from "react-aria-components/Text";
import { Check } from "lucide-react";
import css from "./choice.module.css";

export function Checkbox({ children, ...rest }: Omit<CheckboxProps, "children" | "className"> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...rest} className={css.choice ?? ""}>
      <span className={css.box} aria-hidden="true">
        <Check size={18} strokeWidth={3} />
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}

export interface RadioChoice<Value extends string> {
  value: Value;
  text: string;
  help?: string;
}

export interface RadioGroupProps<Value extends string> {
  label: string;
  help?: string;
  labelHidden?: boolean;
  choices: readonly RadioChoice<Value>[];
  value: Value | null;
  onChange: (value: Value) => void;
  /** Side by side where there is room. */
  inline?: boolean;
}

export function RadioGroup<Value extends string>(props: RadioGroupProps<Value>) {
  const { label, help, labelHidden, choices, value, onChange, inline } = props;
  return (
    <AriaRadioGroup className={css.group ?? ""} value={value} onChange={(next) => onChange(next as Value)}>
      <Label className={labelHidden ? "visually-hidden" : (css.label ?? "")}>{label}</Label>
      {help !== undefined && (
        <Text slot="description" className={css.help ?? ""}>
          {help}
        </Text>
      )}
      <div className={inline ? css.inline : css.stack}>
        {choices.map((choice) => (
          <Radio key={choice.value} value={choice.value} className={css.choice ?? ""}>
            <span className={css.dot} aria-hidden="true" />
            <span>
              {choice.text}
              {choice.help !== undefined && <span className={css.help}>{choice.help}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </AriaRadioGroup>
  );
}
