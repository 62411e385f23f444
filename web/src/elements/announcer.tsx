/** What is said aside: a live region for assistive technology, and short notes that appear and go for everyone. */
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import css from "./announcer.module.css";

const NOTE_SHOWN_MS = 8_000;
const NOTES_AT_MOST = 3;

interface Note {
  id: number;
  text: string;
}

export interface Announcer {
  /** Reads `text` out without showing it. */
  say: (text: string) => void;
  /** Shows `text` for some seconds and reads it out. What it returns takes it away before. */
  note: (text: string) => () => void;
}

const Context = createContext<Announcer>({ say: () => undefined, note: () => () => undefined });

export const useAnnouncer = () => use(Context);

export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [said, setSaid] = useState<Note>({ id: 0, text: "" });
  const [notes, setNotes] = useState<readonly Note[]>([]);
  const counter = useRef(0);
  const remove = useCallback((id: number) => setNotes((all) => all.filter((note) => note.id !== id)), []);
  const announcer = useMemo<Announcer>(() => {
    const say = (text: string) => setSaid({ id: ++counter.current, text });
    const note = (text: string) => {
      say(text);
      const id = ++counter.current;
      setNotes((all) => [...all.slice(1 - NOTES_AT_MOST), { id, text }]);
      const takeAway = () => remove(id);
      setTimeout(takeAway, NOTE_SHOWN_MS);
      return takeAway;
    };
    return { say, note };
  }, [remove]);
  return (
    <Context value={announcer}>
      {children}
      {/* A new element for each sentence: the same sentence twice is read twice. */}
      <div className="visually-hidden" aria-live="polite" role="status">
        <span key={said.id}>{said.text}</span>
      </div>
      {notes.length > 0 && (
        <section className={css.notes} aria-label={t("notes")}>
          {notes.map((note) => (
            <div key={note.id} className={css.note}>
              <p>{note.text}</p>
              <Button className={css.close ?? ""} aria-label={t("action.close")} onPress={() => remove(note.id)}>
                <X size={18} aria-hidden="true" />
              </Button>
            </div>
          ))}
        </section>
      )}
    </Context>
  );
}
