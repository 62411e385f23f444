/** Both languages say the same things: same keys, same placeholders, nothing empty. */
import { expect, test } from "vitest";

type Texts = { [key: string]: string | Texts };

const files = import.meta.glob<{ default: Texts }>("./{ko,en}/*.json", { eager: true });

function flat(texts: Texts, path = ""): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === "string" ? [[path + key, value] as const] : [...flat(value, `${path}${key}.`)],
    ),
  );
}

const placeholders = (text: string) => [...text.matchAll(/{{\s*(\w+)/g)].map((match) => match[1]).sort();

/** English says one and many apart; Korean has one key for both. */
const withoutPlural = (key: string) => key.replace(/_(one|other)$/, "");

const areas = Object.keys(files)
  .filter((path) => path.startsWith("./ko/"))
  .map((path) => path.slice("./ko/".length));

test.each(areas)("%s has the same keys in Korean and English", (area) => {
  const [ko, en] = ["ko", "en"].map((language) => flat(files[`./${language}/${area}`]?.default ?? {}));
  expect([...new Set([...(en?.keys() ?? [])].map(withoutPlural))].sort()).toEqual([...new Set([...(ko?.keys() ?? [])].map(withoutPlural))].sort());
});

test.each(areas)("%s has the same placeholders in Korean and English", (area) => {
  const ko = flat(files[`./ko/${area}`]?.default ?? {});
  const en = flat(files[`./en/${area}`]?.default ?? {});
  for (const [key, text] of en) {
    const twin = ko.get(key) ?? ko.get(withoutPlural(key)) ?? "";
    if (key.endsWith("_one")) continue;
    expect(placeholders(text), key).toEqual(placeholders(twin));
  }
});

test.each(Object.entries(files))("%s has no empty text and shouts nowhere", (_path, file) => {
  for (const [key, text] of flat(file.default)) {
    expect(text.trim(), key).not.toBe("");
    expect(text, key).not.toMatch(/!/);
  }
});
