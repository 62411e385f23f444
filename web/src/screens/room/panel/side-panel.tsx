/** Beside the faces on a desktop, a sheet over the lower half on a phone. Never over a face on a desktop. */
import { useEffect, useRef, type ComponentType } from "react";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import { FaultBoundary } from "../../../elements/fault-boundary";
import { ProblemBanner } from "../../../elements/problem";
import { useKeptFocus } from "../../../elements/use-kept-focus";
import { useCall } from "../call-context";
import type { PanelName } from "../controls";
import type { OwnReading } from "../use-own-document";
import { Agenda } from "./agenda";
import { Chat } from "./chat";
import { Notes } from "./notes";
import { People } from "./people";
import css from "./side-panel.module.css";

const BODIES = { agenda: Agenda, chat: Chat, people: People, notes: Notes };

export function SidePanel({ name, reading, onClose }: { name: PanelName; reading: OwnReading; onClose: () => void }) {
  const { t } = useTranslation("room");
  const { state } = useCall();
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useKeptFocus(panel, heading);
  useEffect(() => {
    heading.current?.focus();
  }, [name]);
  const Body: ComponentType<{ reading: OwnReading }> = BODIES[name];
  const title = name === "agenda" ? t(`agenda.title.${state.room.kind}`) : t(`${name}.title`);
  return (
    // Escape closes it from wherever the focus is inside; the buttons within have their own keys.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside ref={panel} className={css.panel} aria-label={title} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header className={css.header}>
        <h2 ref={heading} tabIndex={-1} className={css.title}>
          {title}
        </h2>
        <Button className={css.close ?? ""} aria-label={t("panel.close", { name: title })} onPress={onClose}>
          <X size={22} aria-hidden="true" />
        </Button>
      </header>
      <FaultBoundary key={name} fallback={(again) => <ProblemBanner area="room" error={null} onRetry={again} />}>
        <Body reading={reading} />
      </FaultBoundary>
    </aside>
  );
}
