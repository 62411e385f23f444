import { show } from "../desk/show";
import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import { History } from "./history";

const LINES = [
  { at: "2026-11-20T01:00:00Z", step: "booked", by: "김견본", reason: null, starts_at: "2026-11-22T03:00:00Z" },
  { at: "2026-11-21T01:00:00Z", step: "moved", by: "박견본", reason: "부탁하셔서", starts_at: "2026-11-23T03:00:00Z" },
  { at: "2026-11-23T02:30:00Z", step: "opened", by: null, reason: null, starts_at: null },
];

const prepared = () => show(<History id="a1" />, (server) => server.on("GET /api/appointments/a1/history", LINES));

test("each step says when, by whom and why, in the centre's time", async () => {
  window.matchMedia = (query) => ({ ...new EventTarget(), matches: true, media: query }) as unknown as MediaQueryList;
  prepared();
  const [booked, moved, opened] = await screen.findAllByRole("listitem");
  expect(booked?.textContent).toMatch(/예약.*11월 22일.*12:00 시작.*11월 20일.*10:00 · 김견본/);
  expect(moved?.textContent).toMatch(/시간 변경.*11월 23일.*박견본.*사유: 부탁하셔서/);
  expect(opened?.textContent).toMatch(/방 열림.*자동 기록/);
});

test("on a phone only the latest step is seen until the rest is asked for", async () => {
  window.matchMedia = (query) => ({ ...new EventTarget(), matches: false, media: query }) as unknown as MediaQueryList;
  const { user } = prepared();
  const latest = await screen.findByText(/방 열림 · 11월 23일/);
  const fold = latest.closest("details");
  expect(fold?.open).toBe(false);
  await user.click(latest);
  await expect.poll(() => fold?.open).toBe(true);
  expect(within(fold as HTMLElement).getAllByRole("listitem")).toHaveLength(3);
});
