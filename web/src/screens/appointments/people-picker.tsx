/**
 * Choosing people by typing a part of their name; the chosen ones stand below and can be taken out again. Once nobody more
 * can be chosen there is no field to type in.
 */
import { useEffect, useRef, useState } from "react";
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
  const [changes, setChanges] = useState(0);
  const picker = useRef<HTMLDivElement>(null);
  // The focus stays where the person is working, although what they worked with is gone.
  useEffect(() => {
    if (changes > 0) picker.current?.querySelector<HTMLElement>("input, button")?.focus();
  }, [changes]);
  const isChosen = new Set(chosen.map(({ id }) => id));
  const full = chosen.length >= most;
  const choose = (next: readonly Pickable[]) => {
    onChange(next);
    setChanges(changes + 1);
    setText("");
    onSearch?.("");
  };
  const pick = (id: string) => {
    const person = people.find((one) => one.id === id);
    if (person !== undefined) choose([...chosen, person]);
  };
  const type = (typed: string) => {
    setText(typed);
    onSearch?.(typed);
  };
  return (
    <div className={css.picker} ref={picker}>
      {full && <span className={css.label}>{label}</span>}
      {!full && <ComboBox
        key={changes} // after each change a new one, closed and empty
        className={css.box ?? ""}
        items={people.filter(({ id }) => !isChosen.has(id))}
        selectedKey={null}
        inputValue={text}
        onInputChange={type}
        onSelectionChange={(key) => key !== null && pick(String(key))}
        menuTrigger="input"
        allowsEmptyCollection
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
      </ComboBox>}
      {chosen.length > 0 && (
        <ul className={css.chosen} aria-label={t("people.chosen", { label })}>
          {chosen.map((person) => (
            <li key={person.id} className={css.chip}>
              <span>{person.name}</span>
              <Button
                className={css.remove ?? ""}
                aria-label={t("people.remove", { name: person.name })}
                onPress={() => choose(chosen.filter(({ id }) => id !== person.id))}
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
