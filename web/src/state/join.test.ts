import { expect, test } from "vitest";
import { nextStep, stepsOf, type JoinFacts } from "./join";

const facts = (change: Partial<JoinFacts> = {}): JoinFacts => ({
  state: "open",
  unanswered: 0,
  rulesRequired: false,
  rulesAccepted: false,
  done: { consent: false, devices: false, entered: false },
  ...change,
});
const done = (change: Partial<JoinFacts["done"]>) => ({ consent: false, devices: false, entered: false, ...change });

test("an unrecorded counselling asks for nothing but the devices", () => {
  expect(nextStep(facts())).toBe("devices");
  expect(nextStep(facts({ done: done({ devices: true }) }))).toBe("room");
});

test("a recorded interview asks for consent, and deciding later is enough to go on", () => {
  expect(nextStep(facts({ unanswered: 2 }))).toBe("consent");
  expect(nextStep(facts({ unanswered: 2, done: done({ consent: true }) }))).toBe("devices");
});

test("answers given on another day are not asked again", () => {
  expect(nextStep(facts({ unanswered: 0, done: done({ devices: true }) }))).toBe("room");
});

test("a reload in the room leads straight back to the seat", () => {
  expect(nextStep(facts({ unanswered: 2, done: done({ entered: true }) }))).toBe("room");
});

test("ground rules come before the door of a group, even after a reload", () => {
  expect(nextStep(facts({ rulesRequired: true, done: done({ entered: true }) }))).toBe("rules");
  expect(nextStep(facts({ rulesRequired: true, rulesAccepted: true, done: done({ entered: true }) }))).toBe("room");
});

test.each(["ended", "cancelled", "no_show"] as const)("%s is the end of the way", (state) => {
  expect(nextStep(facts({ state, done: done({ entered: true }) }))).toBe("over");
});

test("the steps that are shown are the steps that come", () => {
  expect(stepsOf(facts({ rulesRequired: true }), true)).toEqual(["rules", "consent", "devices"]);
  expect(stepsOf(facts(), false)).toEqual(["devices"]);
});
