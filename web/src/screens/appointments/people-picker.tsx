/** Choosing people by typing a part of their name; the chosen ones stand below and can be taken out again. */
import { useState } from "react";
import { ChevronDown, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import { ComboBox } from "react-aria-components/ComboBox";
import { Group } from "react-aria-components/Group";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Text } from "react-aria-components/Text";
import css from "./people-picker.module.css";

export interface Pickable {
  readonly id: string;
  readonly name: string;
  /** What tells two people of one name apart. */
  readonly detail: string;
}

export function PeoplePicker({ label, help, people, chosen, most, onChange, onSearch }: {
  label: string;
  help?: string;
  people: readonly Pickable[];
  chosen: readonly Pickable[];
  most: number;
  onChange: (chosen: readonly Pickable[]) => void;
  /** For lists too long to hold: called with what is typed. */
  onSearch?: (text: string) => void;
}) {
  const { t } = useTranslation("booking");
  const [text, setText] = useState("");
  const isChosen = new Set(chosen.map(({ id }) => id));
  const pick = (id: string) => {
    const person = people.find((one) => one.id === id);
    if (person === undefined) return;
    onChange(most === 1 ? [person] : [...chosen, person]);
    setText("");
    onSearch?.("");
  };
  const type = (typed: string) => {
    setText(typed);
    onSearch?.(typed);
  };
  return (
    <div className={css.picker}>
      <ComboBox
        className={css.box ?? ""}
        items={people.filter(({ id }) => !isChosen.has(id))}
        selectedKey={null}
        inputValue={text}
        onInputChange={type}
        onSelectionChange={(key) => key !== null && pick(String(key))}
        menuTrigger="focus"
        allowsEmptyCollection
        isDisabled={most > 1 && chosen.length >= most}
      >
        <Label className={css.label ?? ""}>{label}</Label>
        {help !== undefined && <Text slot="description" className={css.help ?? ""}>{help}</Text>}
        <Group className={css.field ?? ""}>
          <Input className={css.input ?? ""} placeholder={t("people.type")} />
          <Button className={css.open ?? ""} aria-label={t("people.open")}><ChevronDown size={20} aria-hidden="true" /></Button>
        </Group>
        <Popover className={css.popover ?? ""}>
          <ListBox className={css.list ?? ""} renderEmptyState={() => <p className={css.none}>{t("people.none")}</p>}>
            {(person: Pickable) => (
              <ListBoxItem id={person.id} textValue={person.name} className={css.option ?? ""}>
                <span>{person.name}</span>
                <span className={css.detail}>{person.detail}</span>
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
      {chosen.length > 0 && (
        <ul className={css.chosen} aria-label={t("people.chosen", { label })}>
          {chosen.map((person) => (
            <li key={person.id} className={css.chip}>
              <span>{person.name}</span>
              <Button
                className={css.remove ?? ""}
                aria-label={t("people.remove", { name: person.name })}
                onPress={() => onChange(chosen.filter(({ id }) => id !== person.id))}
              >
                <X size={18} aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
