/** The door of the room for staff. */
import { render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import StaffRoom from "./staff-room";

afterEach(() => vi.unstubAllGlobals());

test("a browser that cannot hold a conversation says so before anything is asked of it, and how to go on", () => {
  vi.stubGlobal("RTCPeerConnection", undefined);
  const fetch = vi.fn();
  vi.stubGlobal("fetch", fetch);
  render(<AnnouncerProvider><StaffRoom /></AnnouncerProvider>);
  expect(screen.getByRole("heading", { name: "이 브라우저에서는 화상 대화를 할 수 없습니다" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "링크 복사하기" })).toBeTruthy();
  expect(screen.queryByText(/기관에 전화/)).toBeNull();
  expect(fetch).not.toHaveBeenCalled();
});
