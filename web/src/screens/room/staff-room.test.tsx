/** The door of the room for staff. */
import { newServer } from "../desk/desk-server";
import { render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Route, Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { AnnouncerProvider } from "../../elements/announcer";
import { LEE } from "../desk/show";
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

test("an interview without a title is called by whom it is with", async () => {
  vi.stubGlobal("RTCPeerConnection", vi.fn());
  newServer()
    .on("GET /api/session", LEE)
    .on("GET /api/appointments/a1", {
      id: "a1",
      kind: "interview",
      title: "",
      starts_at: "2026-03-02T01:00:00Z",
      ends_at: "2026-03-02T01:30:00Z",
      seats: [{ name: "한견본", staff: false }, { name: LEE.name, staff: true }],
    });
  render(
    <Router hook={memoryLocation({ path: "/room/a1" }).hook}>
      <AnnouncerProvider>
        <Route path="/room/:id"><StaffRoom /></Route>
      </AnnouncerProvider>
    </Router>,
  );
  expect(await screen.findByRole("heading", { name: "한견본" })).toBeTruthy();
});
