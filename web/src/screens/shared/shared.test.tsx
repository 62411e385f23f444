import { newServer } from "../desk/desk-server";
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test } from "vitest";
import Shared from "./shared";

const OPEN = "POST /api/shared";
const SUMMARY = {
  centre: { name: "견본고용센터", phone: "0212345678" },
  title: "견본 상담",
  starts_at: "2026-03-02T01:00:00Z",
  tz: "Asia/Seoul",
  approved_by: "김견본",
  lines: [{ text_ko: "지원할 곳을 골랐다", text_en: "Chose where to apply" }],
};

test("while the database is away the summary says so in words, and opens when asked again", async () => {
  const server = newServer().on(OPEN, { code: "storage_away" }, 503).on("GET /api/contact", { name: null, phone: null });
  render(<Shared />);
  expect(await screen.findByText(/지금은 내용을 저장하거나 불러올 수 없습니다/)).toBeTruthy();
  server.on(OPEN, SUMMARY);
  await userEvent.click(screen.getByRole("button", { name: "다시 시도" }));
  expect(await screen.findByText("지원할 곳을 골랐다")).toBeTruthy();
});

test("a link that was taken back is not tried again", async () => {
  newServer().on(OPEN, { code: "link_revoked" }, 410).on("GET /api/contact", { name: null, phone: null });
  render(<Shared />);
  expect(await screen.findByText(/공개가 취소된 링크입니다/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "다시 시도" })).toBeNull();
});
