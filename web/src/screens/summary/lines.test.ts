import { expect, test } from "vitest";
import { asEdited, asSent, moved, withAdded, without, withText, type Line } from "./lines";

const line = (id: string): Line => ({
  id, kind: "agenda", text_ko: `${id} 한글`, text_en: `${id} English`, at: null, at_s: 1, evidence: ["f1"], author: null, by: null,
});

const two = asEdited([line("a"), line("b")], "ko");
const noIds = new Map<string, string>();

test("untouched lines go back in both their languages", () => {
  expect(asSent(two, noIds, "ko")[0]).toEqual({ key: "a", id: "a", text_ko: "a 한글", text_en: "a English" });
});

test("what a person wrote stands in both languages", () => {
  const sent = asSent(withText(two, "b", "고친 말"), noIds, "ko");
  expect(sent[1]).toMatchObject({ id: "b", text_ko: "고친 말", text_en: "고친 말" });
});

test("an added line without words is not sent, and with words it is new until the server names it", () => {
  const added = withAdded(two, "new");
  expect(asSent(added, noIds, "ko")).toHaveLength(2);
  const worded = withText(added, "new", "덧붙임");
  expect(asSent(worded, noIds, "ko")[2]).toMatchObject({ id: null });
  expect(asSent(worded, new Map([["new", "c"]]), "ko")[2]).toMatchObject({ id: "c" });
});

test("a line moves one place and never past the end", () => {
  expect(moved(two, "b", -1).map(({ key }) => key)).toEqual(["b", "a"]);
  expect(moved(two, "b", 1).map(({ key }) => key)).toEqual(["a", "b"]);
});

test("a line taken out is not sent", () => {
  expect(asSent(without(two, "a"), noIds, "ko").map(({ id }) => id)).toEqual(["b"]);
});
