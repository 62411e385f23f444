/** The order of the conversation beside the faces: clock, items with their marks, papers to look at together, next steps. */
import { Check, Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../elements/button";
import { clockTime, dateOf } from "../../../locales/dates";
import type { AgendaEntry, AgendaState } from "../../../net/messages.gen";
import { clockFace } from "../../../state/countdown";
import { nameOf, useCall, useCallNow } from "../call-context";
import type { OwnReading } from "../use-own-document";
import css from "./side-panel.module.css";

export function Agenda({ reading }: { reading: OwnReading }) {
  const { t } = useTranslation("room");
  const { state } = useCall();
  const agreed = !state.you.staff && state.next_steps.length > 0;
  return (
    <div className={css.scroll}>
      <Clock />
      {state.agenda.length === 0 && !agreed && <p className={css.empty}>{t("agenda.empty")}</p>}
      <ol className={css.list} aria-label={t(`agenda.title.${state.room.kind}`)}>
        {state.agenda.map((entry) => (
          <Item key={entry.id} entry={entry} />
        ))}
      </ol>
      {state.you.staff && <Documents reading={reading} />}
      {agreed && <NextSteps />}
    </div>
  );
}

/** The conversation's own clock: it can stand still while somebody's line is away. */
function Clock() {
  const { t } = useTranslation("room");
  const { state, may, send } = useCall();
  const now = useCallNow(1_000);
  const { running, elapsed_s, at } = state.clock;
  const elapsed = elapsed_s + (running && at !== null ? Math.max(0, now - Date.parse(at)) / 1_000 : 0);
  return (
    <div className={css.clock}>
      <p>
        <span className="visually-hidden">{t("clock.label")}</span>
        <span className={css.clockFace}>{clockFace(elapsed)}</span>
      </p>
      {may("clock.run") && (
        <Button
          small
          icon={running ? <Pause size={18} aria-hidden="true" /> : <Play size={18} aria-hidden="true" />}
          onPress={() => void send("clock.run", { running: !running })}
        >
          {running ? t("clock.pause") : elapsed_s > 0 ? t("clock.resume") : t("clock.start")}
        </Button>
      )}
    </div>
  );
}

const NEXT: Record<AgendaState, AgendaState> = { pending: "asked", asked: "done", done: "pending" };

function Item({ entry }: { entry: AgendaEntry }) {
  const { t, i18n } = useTranslation("room");
  const { state, may, send } = useCall();
  const { kind } = state.room;
  const notes = [
    entry.minutes === null ? null : t("agenda.minutes", { count: entry.minutes }),
    entry.state === "pending" || entry.at === null
      ? null
      : t(`agenda.at.${entry.state}`, { time: clockTime(i18n.language, entry.at), name: entry.by === null ? "" : nameOf(state, entry.by) }),
  ].filter((note) => note !== null);
  return (
    <li className={css.item} data-state={entry.state}>
      {entry.state === "done" && <Check size={20} aria-hidden="true" />}
      <span className={css.itemText}>
        {entry.text}
        {notes.length > 0 && <span className={css.itemNote}>{notes.join(" · ")}</span>}
      </span>
      {may("agenda.mark") && (
        <Button
          small
          tone={entry.state === "asked" ? "primary" : "secondary"}
          aria-label={`${entry.text}: ${t(`agenda.mark.${entry.state}.${kind}`)}`}
          onPress={() => void send("agenda.mark", { item: entry.id, state: NEXT[entry.state] })}
        >
          {t(`agenda.mark.${entry.state}.${kind}`)}
        </Button>
      )}
    </li>
  );
}

/** The papers of this conversation: each of the staff may read them alone; showing them to all is another button. */
function Documents({ reading }: { reading: OwnReading }) {
  const { t } = useTranslation("room");
  const { state, may, send } = useCall();
  if (state.documents.length === 0) return null;
  return (
    <section className={css.section}>
      <h3 className={css.sectionTitle}>{t("documents.title")}</h3>
      <p className={css.itemNote}>{t("documents.own.help")}</p>
      <ul className={css.list}>
        {state.documents.map((one) => {
          const shown = state.shown?.document === one.id;
          const own = reading.paper?.id === one.id;
          return (
            <li key={one.id} className={css.item}>
              <span className={css.itemText}>
                {one.title}
                <span className={css.itemNote}>{t("documents.pages", { count: one.pages })}</span>
              </span>
              <span className={css.buttons}>
                <Choice about={one.title} text={t(own ? "documents.own.close" : "documents.own.open")} onPress={() => (own ? reading.close() : reading.open(one.id))} />
                {may("document.show") && (
                  <Choice
                    about={one.title}
                    text={t(shown ? "documents.hide" : "documents.show")}
                    onPress={() => void send("document.show", { document: shown ? null : one.id, page: 1 })}
                  />
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Choice({ about, text, onPress }: { about: string; text: string; onPress: () => void }) {
  return (
    <Button small aria-label={`${about}: ${text}`} onPress={onPress}>
      {text}
    </Button>
  );
}

function NextSteps() {
  const { t, i18n } = useTranslation("room");
  const { state } = useCall();
  return (
    <section className={css.section}>
      <h3 className={css.sectionTitle}>{t("next_steps.title")}</h3>
      <ul className={css.list}>
        {state.next_steps.map((step) => (
          <li key={step.id} className={css.item}>
            <span className={css.itemText}>
              {step.text}
              {step.due !== null && <span className={css.itemNote}>{t("next_steps.until", { date: dateOf(i18n.language, step.due) })}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
