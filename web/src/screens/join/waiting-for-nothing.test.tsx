/** Whoever waits in the lobby of what will not take place, or not now, reads what became of it. */
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import type { VisitAnswer } from "../../net/visit";
import Join from "./join";

vi.mock("../room/room", () => ({
  default: ({ onOver }: { onOver: (over: { code: string; reason: null }) => void }) => (
    <button onClick={() => onOver({ code: "call_ended", reason: null })}>in the lobby</button>
  ),
}));

const before: VisitAnswer = {
  state: "open",
  name: "정하늘",
  display_name: "정하늘",
  lang: "ko",
  now: "2026-11-23T01:00:00Z",
  device_check: null,
  rules: { required: false, accepted_at: null },
  consent: { recording: false, text_version: "v1", answers: {}, items: [] },
  appointment: {
    id: "a1",
    kind: "counselling",
    title: "",
    starts_at: "2026-11-23T01:00:00Z",
    ends_at: "2026-11-23T01:50:00Z",
    opens_at: "2026-11-23T00:30:00Z",
    zone: "Asia/Seoul",
    hosts: ["김소연"],
    organisation: "한빛고용센터",
    phone: "02-0000-0000",
    cancel_reason: null,
    host_runs_late: false,
  },
};

let page = before;

beforeEach(() => {
  sessionStorage.clear();
  sessionStorage.setItem("ieum.done.a1", JSON.stringify({ consent: true, devices: true, entered: true }));
  vi.stubGlobal("RTCPeerConnection", EventTarget);
  vi.stubGlobal("fetch", async (request: Request) => {
    const answer = request.method === "POST" ? { visit: "v", ...page } : page;
    return new Response(JSON.stringify(answer), { status: 200, headers: { "Content-Type": "application/json" } });
  });
  page = before;
});

async function sentAway(after: Partial<VisitAnswer>, appointment: Partial<VisitAnswer["appointment"]> = {}) {
  location.hash = "#secret";
  render(<AnnouncerProvider><Join /></AnnouncerProvider>);
  const lobby = await screen.findByRole("button", { name: "in the lobby" });
  page = { ...before, ...after, appointment: { ...before.appointment, ...appointment } };
  await userEvent.click(lobby);
}

test("called off, with the centre's reason and number", async () => {
  await sentAway({ state: "cancelled" }, { cancel_reason: "담당자 사정" });
  expect(await screen.findByRole("heading", { name: "취소된 예약입니다" })).toBeTruthy();
  expect(screen.getByText(/담당자 사정/)).toBeTruthy();
  expect(screen.getByRole("link", { name: /02-0000-0000/ })).toBeTruthy();
});

test("moved, with the new time", async () => {
  const later = { starts_at: "2026-11-24T02:00:00Z", ends_at: "2026-11-24T02:50:00Z", opens_at: "2026-11-24T01:30:00Z" };
  await sentAway({ state: "early" }, later);
  expect(await screen.findByText("예약 시간이 바뀌었습니다")).toBeTruthy();
  expect(screen.getByRole("timer")).toBeTruthy();
  expect(screen.getByText(/11월 24일.*10:30.*부터/)).toBeTruthy();
});

test("missed, without blame", async () => {
  await sentAway({ state: "no_show" });
  expect(await screen.findByRole("heading", { name: "예약 시간이 지났습니다" })).toBeTruthy();
});

test("over, with thanks", async () => {
  await sentAway({ state: "ended" });
  expect(await screen.findByRole("heading", { name: "상담에 참여해 주셔서 고맙습니다" })).toBeTruthy();
});

test("moved by so little that the room is open already: straight to the new lobby", async () => {
  await sentAway({ state: "open" }, { starts_at: "2026-11-23T01:10:00Z" });
  expect(await screen.findByRole("button", { name: "in the lobby" })).toBeTruthy();
});
