/** One of a short list, opened on demand. */
import { Button } from "react-aria-components/Button";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Select as AriaSelect, SelectValue } from "react-aria-components/Select";
import { Check, ChevronDown } from "lucide-react";
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
  placeholder?: string;
  isDisabled?: boolean;
}

export function Select({ label, choices, value, onChange, placeholder, isDisabled }: SelectProps) {
  return (
    <AriaSelect
      className={css.select ?? ""}
      selectedKey={value}
      onSelectionChange={(key) => onChange(String(key))}
      isDisabled={isDisabled ?? choices.length === 0}
      {...(placeholder === undefined ? {} : { placeholder })}
    >
      <Label className={css.label ?? ""}>{label}</Label>
      <Button className={css.trigger ?? ""}>
        <SelectValue className={css.value ?? ""} />
        <ChevronDown size={20} aria-hidden="true" />
      </Button>
      <Popover className={css.popover ?? ""}>
        <ListBox className={css.list ?? ""} items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.text} className={css.option ?? ""}>
              {({ isSelected }) => (
                <>
                  <span>{choice.text}</span>
                  {isSelected && <Check size={18} aria-hidden="true" />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
