import { describe, expect, it } from "vitest";
import { patientUntil, waitForVoice } from "./patience";

describe("patience with somebody's media", () => {
  it("begins with losses and outlasts them", () => {
    const until = patientUntil(0, { packets: 400, asked: 20 }, 1_000);
    expect(until).toBeGreaterThan(20_000);
    expect(patientUntil(until, { packets: 400, asked: 0 }, 20_000)).toBe(until);
    expect(patientUntil(until, { packets: 400, asked: 0 }, until + 1)).toBe(0);
  });

  it("is not needed for a loss now and then", () => {
    expect(patientUntil(0, { packets: 400, asked: 4 }, 1_000)).toBe(0);
  });

  it("does not begin with what was counted while nothing came", () => {
    expect(patientUntil(0, { packets: 0, asked: 3 }, 1_000)).toBe(0);
  });
});

describe("a picture and its voice", () => {
  it("are not put in step where nobody notices", () => {
    expect(waitForVoice(30)).toBe(0);
    expect(waitForVoice(79)).toBe(0);
  });

  it("come together where the voice is late, in steps that small changes do not move", () => {
    expect(waitForVoice(148)).toBe(150);
    expect(waitForVoice(160)).toBe(150);
  });

  it("are not a conversation any more when both are late, so the wait has an end", () => {
    expect(waitForVoice(1_500)).toBe(400);
  });
});
