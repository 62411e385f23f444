/** Tests see the real Korean texts at once. */
import { cleanup } from "@testing-library/react";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { afterEach, beforeEach } from "vitest";

const files = import.meta.glob<{ default: Record<string, unknown> }>("./locales/{ko,en}/*.json", { eager: true });

const resources: Record<string, Record<string, Record<string, unknown>>> = { ko: {}, en: {} };
for (const [path, file] of Object.entries(files)) {
  const [, language, area] = /locales\/(ko|en)\/(\w+)\.json$/.exec(path) ?? [];
  const texts = resources[language ?? ""];
  if (texts !== undefined && area !== undefined) texts[area] = file.default;
}

await i18next.use(initReactI18next).init({
  lng: "ko",
  fallbackLng: false,
  defaultNS: "common",
  ns: Object.keys(resources.ko ?? {}),
  resources: resources as never,
  interpolation: { escapeValue: false },
});

beforeEach(() => i18next.changeLanguage("ko"));
afterEach(cleanup);
