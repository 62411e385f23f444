import { expect, test } from "vitest";
import { isStale } from "./news";

const changed = new Set(["a1"]);

test("an overview is stale after any change", () => {
  expect(isStale(["desk"], {}, changed)).toBe(true);
});

test("a page is stale when it shows the thing that changed, by address or in its content", () => {
  expect(isStale(["recordings", "a1"], undefined, changed)).toBe(true);
  expect(isStale(["cases", "c1"], { entries: [{ recording: "a1" }] }, changed)).toBe(true);
});

test("a record nobody changed is not read again", () => {
  expect(isStale(["notes", "n1"], { text: "" }, changed)).toBe(false);
});

test("who is signed in does not change by desk news", () => {
  expect(isStale(["session"], {}, changed)).toBe(false);
});
