import { expect, test } from "vitest";
import { heightNeeded } from "./shown";

test("a tile asks for the next step that fills it, on a dense screen for more", () => {
  expect(heightNeeded({ width: 320, height: 180 }, 1)).toBe(180);
  expect(heightNeeded({ width: 330, height: 180 }, 1)).toBe(360);
  expect(heightNeeded({ width: 320, height: 180 }, 3)).toBe(720);
});

test("an upright tile shows the middle of a picture that is as high as the tile", () => {
  expect(heightNeeded({ width: 300, height: 400 }, 1)).toBe(720);
});

test("what is not laid out needs nothing, and nothing is larger than the largest", () => {
  expect(heightNeeded({ width: 0, height: 0 }, 2)).toBe(0);
  expect(heightNeeded({ width: 9000, height: 9000 }, 2)).toBe(2160);
});
