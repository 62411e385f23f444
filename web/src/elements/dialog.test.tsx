/** A question is left by a button that cannot be taken for its answer. */
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import "../locales/i18n";
import { ConfirmDialog } from "./dialog";

test.each([
  ["primary", "등록", ["취소", "등록"]],
  ["danger", "예약 취소", ["돌아가기", "예약 취소"]],
] as const)("one of tone %s, whose answer is %s", (tone, answer, buttons) => {
  render(<ConfirmDialog title="?" isOpen onClose={() => undefined} confirmText={answer} confirmTone={tone} onConfirm={() => undefined} />);
  expect(screen.getAllByRole("button").map((button) => button.textContent).filter((text) => text !== "")).toEqual(buttons);
});
