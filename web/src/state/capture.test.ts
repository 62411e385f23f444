import { expect, test } from "vitest";
import { captureProblem, inAppBrowser, keptDevice, outsideAddress } from "./capture";

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "none"],
  ["NotReadableError", "in_use"],
  ["OverconstrainedError", "constraint"],
  ["SomethingNew", "failed"],
] as const)("%s is told as %s", (name, problem) => {
  expect(captureProblem(name)).toBe(problem);
});

const KAKAO = "Mozilla/5.0 (Linux; Android 14; SM-S911N) AppleWebKit/537.36 Version/4.0 Chrome/124.0 Mobile Safari/537.36 KAKAOTALK 10.8.0";
const NAVER = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 NAVER(inapp; search; 1250; 12.5.0; 14PRO)";
const CHROME = "Mozilla/5.0 (Linux; Android 14; SM-S911N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36";

test("browsers inside other apps are known, real browsers pass", () => {
  expect([KAKAO, NAVER, CHROME].map(inAppBrowser)).toEqual(["kakaotalk", "naver", null]);
});

test("the way out of an app keeps the secret of the link", () => {
  expect(outsideAddress(KAKAO, "https://a.example/join#s-1")).toBe("kakaotalk://web/openExternal?url=https%3A%2F%2Fa.example%2Fjoin%23s-1");
  expect(outsideAddress(NAVER, "https://a.example/join#s-1")).toBeNull();
});

test("a chosen device that is gone gives way to the system's choice", () => {
  expect(keptDevice([{ id: "a", label: "A" }], "b")).toBeNull();
  expect(keptDevice([{ id: "a", label: "A" }], "a")).toBe("a");
});
