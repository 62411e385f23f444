/** Language and contrast: chosen once, kept on this device, applied to the whole document. */
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useTranslation } from "react-i18next";
import { keepLanguage, localeOf, type Language } from "../locales/i18n";

export type ContrastMode = "normal" | "high";

const CONTRAST_KEY = "ieum.contrast";

interface Appearance {
  contrast: ContrastMode;
  setContrast: (mode: ContrastMode) => void;
  setLanguage: (language: Language) => void;
}

const Context = createContext<Appearance>({
  contrast: "normal",
  setContrast: () => undefined,
  setLanguage: () => undefined,
});

export const useAppearance = () => use(Context);

export const otherLanguage = (language: string): Language => (language === "en" ? "ko" : "en");

function firstContrast(): ContrastMode {
  const kept = localStorage.getItem(CONTRAST_KEY);
  if (kept === "high" || kept === "normal") return kept;
  return window.matchMedia("(prefers-contrast: more)").matches ? "high" : "normal";
}

export function AppearanceProvider({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const [contrast, setContrast] = useState(firstContrast);
  useEffect(() => {
    document.documentElement.dataset.contrast = contrast;
    localStorage.setItem(CONTRAST_KEY, contrast);
  }, [contrast]);
  useEffect(() => {
    document.documentElement.lang = i18n.language;
  }, [i18n.language]);
  const appearance = useMemo<Appearance>(
    () => ({
      contrast,
      setContrast,
      setLanguage: (language) => {
        keepLanguage(language);
        void i18n.changeLanguage(language);
      },
    }),
    [contrast, i18n],
  );
  return (
    <Context value={appearance}>
      <I18nProvider locale={localeOf(i18n.language)}>{children}</I18nProvider>
    </Context>
  );
}
