/** Written words, to everybody or to the staff alone; each in its own tab, so that nothing goes the wrong way. */
import { useEffect, useRef, useState } from "react";
import { BookmarkCheck, BookmarkPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button as IconButton } from "react-aria-components/Button";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import { Button } from "../../../elements/button";
import { Field } from "../../../elements/field";
import { clockTime } from "../../../locales/dates";
import type { Channel, ChatLine } from "../../../net/messages.gen";
import { newId, useCall } from "../call-context";
import css from "./side-panel.module.css";
import icon from "./icon-button.module.css";
import { unsent } from "./unsent";

export function Chat() {
  const { t } = useTranslation("room");
  const { state } = useCall();
  if (!state.you.staff) return <Conversation channel="all" />;
  return (
    <Tabs className={css.fill ?? ""}>
      <TabList className={css.tabs ?? ""} aria-label={t("chat.channels")}>
        <Tab id="all" className={css.tab ?? ""}>
          {t("chat.all")}
        </Tab>
        <Tab id="panel" className={css.tab ?? ""}>
          {t(`chat.panel.${state.room.kind}`)}
        </Tab>
      </TabList>
      <TabPanel id="all" className={css.fill ?? ""}>
        <Conversation channel="all" />
      </TabPanel>
      <TabPanel id="panel" className={css.fill ?? ""}>
        <Conversation channel="panel" />
      </TabPanel>
    </Tabs>
  );
}

function Conversation({ channel }: { channel: Channel }) {
  const { t } = useTranslation("room");
  const { state, may, send } = useCall();
  const [text, setText] = useState("");
  const [pending, setPending] = useState(false);
  const end = useRef<HTMLLIElement>(null);
  const lines = state.chat.filter((line) => line.to === channel);
  useEffect(() => {
    void end.current?.scrollIntoView({ block: "nearest" });
  }, [lines.length]);
  const say = async () => {
    if (text.trim() === "") return;
    setPending(true);
    if (await send("chat.send", { id: newId(), to: channel, text })) setText(unsent(text));
    setPending(false);
  };
  return (
    <div className={css.fill}>
      <div className={css.scroll} role="log" aria-label={t("chat.log")}>
        {lines.length === 0 && <p className={css.empty}>{t(channel === "all" ? "chat.empty" : "chat.empty_panel")}</p>}
        <ol className={css.list}>
          {lines.map((line) => (
            <Line key={line.id} line={line} />
          ))}
          <li ref={end} aria-hidden="true" />
        </ol>
      </div>
      {may("chat.send") && (
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            void say();
          }}
        >
          <div className={css.formRow}>
            <Field
              label={t(channel === "all" ? "chat.write_all" : "chat.write_panel")}
              value={text}
              onChange={setText}
              maxLength={2000}
              autoComplete="off"
            />
            <Button type="submit" tone="primary" pending={pending}>
              {t("chat.send")}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}

function Line({ line }: { line: ChatLine }) {
  const { t, i18n } = useTranslation("room");
  const { state, may, send } = useCall();
  const own = line.seat === state.you.seat;
  return (
    <li className={css.said} data-own={own ? "" : undefined} data-marked={line.marked ? "" : undefined}>
      <div className={css.saidHead}>
        <span>
          {line.name} · {clockTime(i18n.language, line.at)}
        </span>
        {may("chat.mark") && (
          <IconButton
            className={icon.button ?? ""}
            aria-label={line.marked ? t("chat.unmark") : t("chat.mark")}
            onPress={() => void send("chat.mark", { id: line.id, marked: !line.marked })}
          >
            {line.marked ? <BookmarkCheck size={18} aria-hidden="true" /> : <BookmarkPlus size={18} aria-hidden="true" />}
          </IconButton>
        )}
      </div>
      <p className={css.saidText}>{line.text}</p>
    </li>
  );
}
