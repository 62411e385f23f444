/** The room itself: faces first, what is shown beside them, one bar below, one panel at the side. */
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { present } from "../../state/call";
import { useCall } from "./call-context";
import { ConsentDialog } from "./consent-dialog";
import { Controls, type PanelName } from "./controls";
import { Faces, SharedScreen, sharingSeat } from "./faces";
import { Notices } from "./notices";
import { OwnDocument } from "./own-document";
import { SidePanel } from "./panel/side-panel";
import { ShownDocument } from "./shown-document";
import css from "./stage.module.css";
import { TopBar } from "./top-bar";
import { useOwnDocument } from "./use-own-document";
import { useShortcuts } from "./use-shortcuts";
import { useHappenings, useUnread } from "./use-happenings";

export function Stage() {
  const { t } = useTranslation("room");
  const { state } = useCall();
  // Staff begin with the agenda beside the faces; a guest begins with faces only.
  const [panel, setPanel] = useState<PanelName | null>(() =>
    state.you.staff && isWide() ? "agenda" : null,
  );
  const [later, setLater] = useState(false);
  const bar = useRef<HTMLElement>(null);
  const faces = useRef<HTMLElement>(null);
  const close = () => {
    if (bar.current !== null) focusOnOpener(bar.current);
    setPanel(null);
  };
  const reading = useOwnDocument(
    () => !isWide() && setPanel(null),
    () => bar.current !== null && focusOnOpener(bar.current),
  );
  const unread = useUnread(panel === "chat");
  useHappenings({ chatIsOpen: panel === "chat" });
  useShortcuts(() => (panel === "chat" ? close() : setPanel("chat")));
  const sharing = sharingSeat(state);
  const alone = present(state).length === 1;
  const spotlight = state.shown !== null ? <ShownDocument shown={state.shown} /> : sharing && <SharedScreen seat={sharing} />;
  return (
    <div className={css.stage}>
      <TopBar />
      <Notices next={faces} />
      <div className={css.middle} data-reading={reading.paper === null ? undefined : ""}>
        <main id="main" ref={faces} tabIndex={-1} className={css.faces} data-spotlight={spotlight ? "" : undefined}>
          {spotlight}
          <Faces strip={Boolean(spotlight)} onPeople={() => setPanel("people")} />
          {alone && <p className={css.alone}>{t("faces.alone")}</p>}
        </main>
        {reading.paper !== null && <OwnDocument key={reading.paper.id} paper={reading.paper} onClose={reading.close} />}
        {panel !== null && <SidePanel name={panel} reading={reading} onClose={close} />}
      </div>
      <Controls ref={bar} panel={panel} onPanel={setPanel} unread={unread} />
      <ConsentDialog asked isOpen={state.consent.asked && !later} onClose={() => setLater(true)} />
    </div>
  );
}

/** There is room for a panel beside the faces; the stylesheets have the same rule. */
const isWide = (): boolean => window.matchMedia("(min-width: 64rem)").matches;

/** The focus goes back to the control of the open panel, or it would be lost with it; on a phone the menu may have it. */
function focusOnOpener(bar: HTMLElement): void {
  for (const control of bar.querySelectorAll<HTMLElement>("[aria-expanded='true'], [aria-haspopup]")) {
    control.focus(); // does nothing to what is not shown
    if (document.activeElement === control) return;
  }
}
