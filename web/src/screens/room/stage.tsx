/** The room itself: faces first, what is shown beside them, one bar below, one panel at the side. */
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { present } from "../../state/call";
import { useCall } from "./call-context";
import { ConsentDialog } from "./consent-dialog";
import { Controls, type PanelName } from "./controls";
import { Faces, SharedScreen, sharingSeat } from "./faces";
import { Notices } from "./notices";
import { SidePanel } from "./panel/side-panel";
import { ShownDocument } from "./shown-document";
import css from "./stage.module.css";
import { TopBar } from "./top-bar";
import { useShortcuts } from "./use-shortcuts";
import { useHappenings, useUnread } from "./use-happenings";

export function Stage() {
  const { t } = useTranslation("room");
  const { state } = useCall();
  // Staff begin with the agenda beside the faces; a guest begins with faces only.
  const [panel, setPanel] = useState<PanelName | null>(() =>
    state.you.staff && window.matchMedia("(min-width: 64rem)").matches ? "agenda" : null,
  );
  const [later, setLater] = useState(false);
  const opener = useRef<Element | null>(null);
  const show = (name: PanelName | null) => {
    if (panel === null) opener.current = document.activeElement;
    setPanel(name);
    // Focus goes back to what opened the panel, or it would be lost with it.
    if (name === null && opener.current instanceof HTMLElement) opener.current.focus();
  };
  const unread = useUnread(panel === "chat");
  useHappenings({ chatIsOpen: panel === "chat" });
  useShortcuts(() => show(panel === "chat" ? null : "chat"));
  const sharing = sharingSeat(state);
  const alone = present(state).length === 1;
  const spotlight = state.shown !== null ? <ShownDocument shown={state.shown} /> : sharing && <SharedScreen seat={sharing} />;
  return (
    <div className={css.stage}>
      <TopBar />
      <Notices />
      <div className={css.middle}>
        <main id="main" className={css.faces} data-spotlight={spotlight ? "" : undefined}>
          {spotlight}
          <Faces strip={Boolean(spotlight)} />
          {alone && <p className={css.alone}>{t("faces.alone")}</p>}
        </main>
        {panel !== null && <SidePanel name={panel} onClose={() => show(null)} />}
      </div>
      <Controls panel={panel} onPanel={show} unread={unread} />
      <ConsentDialog asked isOpen={state.consent.asked && !later} onClose={() => setLater(true)} />
    </div>
  );
}
