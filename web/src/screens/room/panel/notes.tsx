/** The host's own desk beside the faces: private notes that save themselves, marked moments, agreed next steps. */
import { useEffect, useState } from "react";
import { Bookmark, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button as IconButton } from "react-aria-components/Button";
import { Button } from "../../../elements/button";
import { Field } from "../../../elements/field";
import { useReadable } from "../../../elements/use-readable";
import { clockTime, dateOf } from "../../../locales/dates";
import { nameOf, newId, useCall } from "../call-context";
import type { OwnNotes } from "../own-notes";
import icon from "./icon-button.module.css";
import css from "./side-panel.module.css";
import { unsent } from "./unsent";

export function Notes() {
  return (
    <div className={css.scroll}>
      <PrivateNotes />
      <Bookmarks />
      <NextSteps />
    </div>
  );
}

function PrivateNotes() {
  const { notes } = useCall().resources;
  return notes === null ? null : <MyNotes notes={notes} />;
}

function MyNotes({ notes }: { notes: OwnNotes }) {
  const { t } = useTranslation("room");
  const { text, saving } = useReadable(notes.written);
  useEffect(() => void notes.open(), [notes]);
  return (
    <section className={css.section}>
      <Field
        label={t("notes.mine")}
        help={t("notes.private")}
        rows={7}
        value={text}
        onChange={notes.change}
        maxLength={20_000}
        isDisabled={saving === "loading" || saving === "unread"}
      />
      <p className={css.itemNote} role="status">
        {t(`notes.${saving}`)}
      </p>
    </section>
  );
}

function Bookmarks() {
  const { t, i18n } = useTranslation("room");
  const { state, may, send } = useCall();
  const [text, setText] = useState("");
  if (!may("bookmark")) return null;
  const mark = async () => {
    if (await send("bookmark", { id: newId(), text: text.trim() || null })) setText(unsent(text));
  };
  return (
    <section className={css.section}>
      <h3 className={css.sectionTitle}>{t("bookmark.title")}</h3>
      <form
        className={css.formRow}
        onSubmit={(event) => {
          event.preventDefault();
          void mark();
        }}
      >
        <Field label={t("bookmark.text")} value={text} onChange={setText} maxLength={500} autoComplete="off" />
        <Button type="submit" icon={<Bookmark size={18} aria-hidden="true" />}>
          {t("bookmark.add")}
        </Button>
      </form>
      <ul className={css.list}>
        {state.bookmarks.map((one) => (
          <li key={one.id} className={css.item}>
            <span className={css.itemText}>
              {one.text ?? t("bookmark.untitled")}
              <span className={css.itemNote}>
                {clockTime(i18n.language, one.at)} · {nameOf(state, one.by)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NextSteps() {
  const { t, i18n } = useTranslation("room");
  const { state, may, send } = useCall();
  const [text, setText] = useState("");
  const [due, setDue] = useState("");
  if (!may("next_step.add")) return null;
  const add = async () => {
    if (text.trim() === "") return;
    if (!(await send("next_step.add", { id: newId(), text, due: due || null }))) return;
    setText(unsent(text));
    setDue(unsent(due));
  };
  return (
    <section className={css.section}>
      <h3 className={css.sectionTitle}>{t("next_steps.title")}</h3>
      <p className={css.itemNote}>{t(`next_steps.seen_by.${state.room.kind}`)}</p>
      <ul className={css.list}>
        {state.next_steps.map((step) => (
          <li key={step.id} className={css.item}>
            <span className={css.itemText}>
              {step.text}
              {step.due !== null && <span className={css.itemNote}>{t("next_steps.until", { date: dateOf(i18n.language, step.due) })}</span>}
            </span>
            <IconButton
              className={icon.button ?? ""}
              aria-label={t("next_steps.remove", { text: step.text })}
              onPress={() => void send("next_step.remove", { id: step.id })}
            >
              <Trash2 size={18} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
      <form
        className={css.section}
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Field label={t("next_steps.text")} value={text} onChange={setText} maxLength={500} autoComplete="off" />
        <div className={css.formRow}>
          <Field label={t("next_steps.due")} type="date" value={due} onChange={setDue} />
          <Button type="submit">{t("next_steps.add")}</Button>
        </div>
      </form>
    </section>
  );
}
