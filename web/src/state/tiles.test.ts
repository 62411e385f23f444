import { describe, expect, test } from "vitest";
import { tileSize } from "./tiles";

const GAP = 8;
const desktop = { width: 1040, height: 750 };
const phone = { width: 374, height: 680 };

describe("tileSize", () => {
  test("one face fills the space as far as its shape allows", () => {
    expect(tileSize(1, desktop, GAP, 4 / 3)).toEqual({ width: 1040, height: 750 });
  });

  test("two faces stand where they are largest", () => {
    const { width, height } = tileSize(2, desktop, GAP, 4 / 3);
    expect(width / height).toBeLessThanOrEqual(16 / 9 + 0.01);
    expect(width * height).toBeGreaterThan(515 * 386);
  });

  test("on a phone held upright two faces share the height", () => {
    expect(tileSize(2, phone, GAP, 0.75)).toEqual({ width: 374, height: 336 });
  });

  test.each(Array.from({ length: 12 }, (_, index) => index + 1))("%i faces fit", (count) => {
    const { width, height } = tileSize(count, desktop, GAP, 4 / 3);
    const columns = Math.floor((desktop.width + GAP) / (width + GAP));
    const rows = Math.ceil(count / columns);
    expect(rows * (height + GAP) - GAP).toBeLessThanOrEqual(desktop.height);
    expect(width).toBeGreaterThan(200);
  });

  test("no space is no size", () => {
    expect(tileSize(3, { width: 0, height: 0 }, GAP, 4 / 3)).toEqual({ width: 0, height: 0 });
  });
});
