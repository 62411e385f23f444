/** One's own answers about being recorded, asked privately and changeable at any time, from now on. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Dialog } from "../../elements/dialog";
import type { ConsentGive } from "../../net/messages.gen";
import { ConsentItemFields, wordingOf } from "../join/consent-item";
import { useCall } from "./call-context";

type Given = ConsentGive["answer"];
interface ConsentDialogProps {
  isOpen: boolean;
  onClose: () => void;
  /** Asked because a recording runs, not because the person opened it. */
  asked?: boolean;
}

export function ConsentDialog({ isOpen, onClose, asked }: ConsentDialogProps) {
  const { t, i18n } = useTranslation("room");
  const { state, send } = useCall();
  const { note } = useAnnouncer();
  const { consent } = state;
  const [changed, setChanged] = useState<Partial<Record<string, Given>>>({});
  const lang = i18n.language === "en" ? "en" : "ko";
  const items = consent.items.map((item) => ({ id: String(item.item) as ConsentGive["item"], wording: wordingOf(item, lang) }));
  const standing = (id: ConsentGive["item"]): Given | null => {
    const answer = consent.answers[id];
    return answer === "granted" ? "granted" : answer === undefined || answer === "unanswered" ? null : "refused";
  };
  const close = () => {
    setChanged({});
    onClose();
  };
  const save = async () => {
    for (const { id } of items) {
      const answer = changed[id] ?? (asked && standing(id) === null ? "later" : undefined);
      if (answer === undefined) continue;
      if (!(await send("consent.answer", { item: id, answer, text_version: consent.text_version, lang }))) return;
    }
    note(t("consent.saved"));
    close();
  };
  const postpone = async () => {
    for (const { id } of items.filter((item) => standing(item.id) === null)) {
      await send("consent.answer", { item: id, answer: "later", text_version: consent.text_version, lang });
    }
    close();
  };
  return (
    <Dialog
      title={asked ? t("consent.asked_title") : t("consent.mine")}
      isOpen={isOpen}
      onClose={asked ? () => void postpone() : close}
      role={asked ? "alertdialog" : "dialog"}
      actions={
        <>
          <Button onPress={() => void (asked ? postpone() : close())}>{asked ? t("consent.later") : t("consent.keep")}</Button>
          <Button tone="primary" isDisabled={Object.keys(changed).length === 0} onPress={() => void save()}>
            {t("consent.save")}
          </Button>
        </>
      }
    >
      <p>{asked ? t("consent.asked_body") : t("consent.mine_body")}</p>
      {items.map(({ id, wording }) => (
        <ConsentItemFields
          key={id}
          compact
          wording={wording}
          value={changed[id] ?? standing(id)}
          onChange={(answer) => setChanged((all) => ({ ...all, [id]: answer }))}
        />
      ))}
    </Dialog>
  );
}
