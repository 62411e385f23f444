import { expect, test } from "vitest";
import { phoneText } from "./phone";

test.each([
  ["01012345678", "010-1234-5678"],
  ["0212345678", "02-1234-5678"],
  ["021234567", "02-123-4567"],
  ["0311234567", "031-123-4567"],
])("%s reads as %s", (stored, written) => expect(phoneText(stored)).toBe(written));

test.each(["+821012345678", "15881234", ""])("%s, of no known shape, stays as it is", (stored) => expect(phoneText(stored)).toBe(stored));
