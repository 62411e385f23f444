/** What is not needed every minute: devices, own consent, whom to call, lock, and on a phone the rest of the bar. */
import { useState } from "react";
import { Ellipsis } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { Dialog } from "../../elements/dialog";
import { Button as DialogButton } from "../../elements/button";
import { hasOrder } from "../../state/call";
import { DeviceChoices } from "../join/device-choices";
import { useCall, useCapture } from "./call-context";
import { CentreHelp } from "./centre-help";
import { ConsentDialog } from "./consent-dialog";
import type { PanelName } from "./controls";
import css from "./controls.module.css";
import menu from "./more-menu.module.css";
import { SHORTCUTS } from "./use-shortcuts";

export function MoreMenu({ onPanel }: { onPanel: (panel: PanelName) => void }) {
  const { t } = useTranslation("room");
  const { state, send, may, local } = useCall();
  const { screen } = useCapture();
  const [open, setOpen] = useState<"devices" | "consent" | "keys" | "help" | null>(null);
  const raised = state.seats.some((seat) => seat.seat === state.you.seat && seat.hand_raised_at !== null);
  const { kind, locked } = state.room;
  const act: Record<string, () => void> = {
    devices: () => setOpen("devices"),
    consent: () => setOpen("consent"),
    keys: () => setOpen("keys"),
    help: () => setOpen("help"),
    lock: () => void send("room.lock", { locked: !locked }),
    agenda: () => onPanel("agenda"),
    people: () => onPanel("people"),
    notes: () => onPanel("notes"),
    share: () => (screen.sharing ? local.stopScreen() : void local.shareScreen()),
    hand: () => void (raised ? send("hand.lower", {}) : send("hand.raise", {})),
  };
  const close = () => setOpen(null);
  return (
    <>
      <MenuTrigger>
        <Button className={css.control ?? ""} aria-label={t("more.title")}>
          <span className={css.icon} aria-hidden="true">
            <Ellipsis />
          </span>
          <span className={css.text} aria-hidden="true">
            {t("more.short")}
          </span>
        </Button>
        <Popover className={menu.popover ?? ""} placement="top end">
          <Menu className={menu.menu ?? ""} aria-label={t("more.title")} onAction={(key) => act[String(key)]?.()}>
            <Item id="devices" text={t("devices.title")} />
            {state.consent.items.length > 0 && <Item id="consent" text={t("consent.mine")} />}
            <Item id="keys" text={t("keys.title")} />
            {!state.you.staff && <Item id="help" text={t("help.title")} />}
            {may("room.lock") && <Item id="lock" text={locked ? t("lock.open") : t("lock.close")} />}
            {hasOrder(state) && <Item narrow id="agenda" text={t(`agenda.title.${kind}`)} />}
            {!state.you.staff && <Item narrow id="people" text={t("people.title")} />}
            {state.you.staff && <Item narrow id="notes" text={t("notes.title")} />}
            {state.you.staff && <Item narrow id="hand" text={raised ? t("hand.on_name") : t("hand.off_name")} />}
            <Item narrow id="share" text={screen.sharing ? t("screen.on_name") : t("screen.off_name")} />
          </Menu>
        </Popover>
      </MenuTrigger>
      <Dialog
        title={t("devices.title")}
        isOpen={open === "devices"}
        onClose={close}
        actions={
          <DialogButton tone="primary" onPress={close}>
            {t("devices.done")}
          </DialogButton>
        }
      >
        <DeviceChoices local={local} />
      </Dialog>
      <ConsentDialog isOpen={open === "consent"} onClose={close} />
      <KeysDialog isOpen={open === "keys"} onClose={close} />
      <Dialog
        title={t("help.title")}
        isOpen={open === "help"}
        onClose={close}
        actions={
          <DialogButton tone="primary" onPress={close}>
            {t("devices.done")}
          </DialogButton>
        }
      >
        <CentreHelp />
      </Dialog>
    </>
  );
}

function KeysDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("room");
  const { may } = useCall();
  const names = (["mic", "camera", "hand", "chat", "bookmark"] as const).filter((name) => name !== "bookmark" || may("bookmark"));
  return (
    <Dialog
      title={t("keys.title")}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <DialogButton tone="primary" onPress={onClose}>
          {t("devices.done")}
        </DialogButton>
      }
    >
      <dl className={menu.keys}>
        {names.map((name) => (
          <div key={name}>
            <dt>{t(`keys.${name}`)}</dt>
            <dd>
              <kbd>{SHORTCUTS[name]}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

/** `narrow`: only on a phone, where the bar has no place for it. */
function Item({ id, text, narrow }: { id: string; text: string; narrow?: boolean }) {
  return (
    <MenuItem id={id} textValue={text} className={`${menu.item} ${narrow ? (menu.narrow ?? "") : ""}`}>
      {text}
    </MenuItem>
  );
}
