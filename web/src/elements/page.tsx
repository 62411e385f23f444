/** The frame of every page outside the room: skip link, name, language, contrast, and whom to call. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Contrast, Languages, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { Button } from "react-aria-components/Button";
import { phoneText } from "../locales/phone";
import { findContact, rememberCentre, type Contact as Known } from "../net/contact";
import { otherLanguage, useAppearance } from "./appearance";
import css from "./page.module.css";

export interface CentreContact {
  name: string;
  phone: string;
}

export interface PageProps {
  /** Who to call when it does not work. Without it the page finds out itself whom a seeker can call. */
  centre?: CentreContact | undefined;
  /** A page of staff, who need no number to call. Desk pages are that anyway. */
  staff?: boolean;
  /** Desk pages use the whole width; a seeker's page is one narrow column. */
  width?: "page" | "desk";
  /** What stands between the name and the switches: the desk's menu. */
  navigation?: ReactNode;
  /** What stands after the switches: the account menu. */
  account?: ReactNode;
  children: ReactNode;
}

export function Page({ centre, width = "page", staff = width === "desk", navigation, account, children }: PageProps) {
  const { t } = useTranslation();
  return (
    <div className={`${css.page} ${css[width]}`}>
      <a className={css.skip} href="#main">
        {t("page.skip")}
      </a>
      <header className={css.header}>
        <span className={css.name}>{t("product.name")}</span>
        {navigation}
        <div className={css.switches}>
          <ContrastSwitch />
          <LanguageSwitch />
          {account}
        </div>
      </header>
      <main id="main" className={css.main} tabIndex={-1}>
        {children}
      </main>
      <footer className={css.footer}>{staff ? <span>{t("product.tagline")}</span> : <WhomToCall centre={centre} />}</footer>
    </div>
  );
}

/** The centre if the page knows it, else whoever can be found; else where the number can be read. */
function WhomToCall({ centre }: { centre: CentreContact | undefined }) {
  const { t } = useTranslation();
  const { name, phone } = centre ?? {};
  const [found, setFound] = useState<Known | null>();
  useEffect(() => {
    if (name !== undefined && phone !== undefined) return rememberCentre({ name, phone });
    let gone = false;
    void findContact().then((contact) => gone || setFound(contact));
    return () => {
      gone = true;
    };
  }, [name, phone]);
  const contact = centre ?? found;
  if (contact) return <Contact {...contact} />;
  return <span>{contact === null ? t("page.help_in_message") : t("product.tagline")}</span>;
}

export function Contact({ name, phone }: Known) {
  const { t } = useTranslation();
  return (
    <p className={css.contact}>
      <span>{name === null ? t("page.help_here") : t("page.help", { name })}</span>
      <a href={`tel:${phone.replace(/[^+\d]/g, "")}`}>
        <Phone size={18} aria-hidden="true" />
        {phoneText(phone)}
      </a>
    </p>
  );
}

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const { setLanguage } = useAppearance();
  const other = otherLanguage(i18n.language);
  return (
    <Button className={css.switch ?? ""} onPress={() => setLanguage(other)}>
      <Languages size={18} aria-hidden="true" />
      <span lang={other}>{t("page.other_language")}</span>
    </Button>
  );
}

export function ContrastSwitch() {
  const { t } = useTranslation();
  const { contrast, setContrast } = useAppearance();
  return (
    <ToggleButton
      className={css.switch ?? ""}
      isSelected={contrast === "high"}
      onChange={(high) => setContrast(high ? "high" : "normal")}
    >
      <Contrast size={18} aria-hidden="true" />
      <span>{t("page.high_contrast")}</span>
    </ToggleButton>
  );
}

/** The page's one heading. Focus comes here when the page changes, and the window takes its name. */
export function PageTitle({ children, hidden, name }: { children: ReactNode; hidden?: boolean; name?: string }) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  useEffect(() => {
    document.title = `${name ?? heading.current?.textContent ?? ""} · ${t("product.name")}`;
  });
  return (
    <h1 ref={heading} tabIndex={-1} className={hidden ? "visually-hidden" : css.title}>
      {children}
    </h1>
  );
}

/** Waiting for something that is on its way; said aloud only once it takes long enough to notice. */
export function Loading({ text }: { text?: string }) {
  const { t } = useTranslation();
  return (
    <p className={css.loading} role="status">
      <span className={css.dots} aria-hidden="true" />
      {text ?? t("page.loading")}
    </p>
  );
}
