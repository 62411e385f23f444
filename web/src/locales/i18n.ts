/** Texts: one file per language and area, fetched when a screen first needs it; Korean is the source of the keys. */
import i18next, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";

export type Language = "ko" | "en";

const LANGUAGE_KEY = "ieum.language";

const files = import.meta.glob<{ default: Record<string, unknown> }>("./{ko,en}/*.json");

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language, area, done) => {
    const file = files[`./${language}/${area}.json`];
    if (file === undefined) done(new Error(`no texts for ${language}/${area}`), false);
    else file().then(({ default: texts }) => done(null, texts as Parameters<typeof done>[1]), (error: Error) => done(error, false));
  },
};

const isLanguage = (value: unknown): value is Language => value === "ko" || value === "en";

/** The language to begin with: this device's choice, else the browser's, else Korean. */
export function firstLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  if (isLanguage(kept)) return kept;
  const wished = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return wished ?? "ko";
}

export const keepLanguage = (language: Language) => localStorage.setItem(LANGUAGE_KEY, language);

/** BCP 47 tag for dates, numbers and React Aria's own words. */
export const localeOf = (language: string) => (language === "en" ? "en-GB" : "ko-KR");

/** Begins the texts; resolves when the words that every page needs are here. */
export async function startTexts(language: Language): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      supportedLngs: ["ko", "en"],
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false },
      returnNull: false,
    });
}
