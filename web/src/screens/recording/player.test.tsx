import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fireEvent, screen } from "@testing-library/react";
import type { DeskServer } from "../desk/desk-server";
import { show } from "../desk/show";
import { Player } from "./player";

const CALL = "POST /api/recordings/r1/playback";
const FILE = "GET /api/playback/grant";
const GRANT = { url: "/api/playback/grant", expires_at: "2026-03-02T05:00:00Z" };
const NETWORK = 2; // MediaError.MEDIA_ERR_NETWORK
const DECODE = 3;

beforeEach(() => {
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
});
afterEach(() => vi.restoreAllMocks());

const plays = (answer: CanPlayTypeResult) => vi.spyOn(HTMLMediaElement.prototype, "canPlayType").mockReturnValue(answer);
const video = () => screen.findByLabelText<HTMLVideoElement>("녹화");
const cut = () => Promise.reject(new TypeError("Failed to fetch"));

/** Plays up to twelve seconds, then the browser gives up with this code; the server says what it says from then on. */
async function playedUntil(code: number, prepare: (server: DeskServer) => void) {
  plays("probably");
  const shown = show(<Player recordingId="r1" label="녹화" />, (one) => prepare(one.on(CALL, GRANT)));
  await shown.user.click(await screen.findByRole("button", { name: "녹화 재생" }));
  const playing = await video();
  playing.currentTime = 12;
  fireEvent.timeUpdate(playing);
  Object.defineProperty(playing, "error", { value: { code } });
  fireEvent.error(playing);
  return shown;
}

test("a browser that cannot play the file says so, and opens nothing", async () => {
  plays("");
  const { server, user } = show(<Player recordingId="r1" label="녹화" />, (one) => one.on(CALL, GRANT));
  await user.click(await screen.findByRole("button", { name: "녹화 재생" }));
  expect(await screen.findByText("이 브라우저에서는 녹화를 재생할 수 없습니다")).toBeTruthy();
  expect(server.bodies(CALL)).toEqual([]);
});

test("every other browser opens the recording with the first press", async () => {
  plays("probably");
  const { server, user } = show(<Player recordingId="r1" label="녹화" />, (one) => one.on(CALL, GRANT));
  await user.click(await screen.findByRole("button", { name: "녹화 재생" }));
  expect(await video()).toBeTruthy();
  expect(server.bodies(CALL)).toEqual([{ reason: "" }]);
});

test("a lost line is called that, and playing goes on at the same place without another opening", async () => {
  const { server, user } = await playedUntil(NETWORK, (one) => one.onAsk(FILE, cut));
  expect(await screen.findByText("연결이 끊겨 재생이 멈췄습니다")).toBeTruthy();
  expect(screen.queryByText("재생 시간이 지나 닫혔습니다.")).toBeNull();
  await user.click(screen.getByRole("button", { name: "다시 시도" }));
  const again = await video();
  fireEvent.loadedMetadata(again);
  expect(again.currentTime).toBe(12);
  expect(server.bodies(CALL)).toHaveLength(1);
});

test("a line that is back by the time one asks was lost all the same", async () => {
  await playedUntil(NETWORK, (one) => one.on(FILE, "x", 206));
  expect(await screen.findByText("연결이 끊겨 재생이 멈췄습니다")).toBeTruthy();
});

test("a grant whose time is over is called that, and is opened again with a press", async () => {
  const { server, user } = await playedUntil(NETWORK, (one) => one.on(FILE, { code: "playback_over" }, 410));
  expect(await screen.findByText("재생 시간이 지나 닫혔습니다.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "이어서 재생" }));
  expect(await video()).toBeTruthy();
  expect(server.bodies(CALL)).toHaveLength(2);
});

test("what else the server refuses is said in its words", async () => {
  await playedUntil(NETWORK, (one) => one.on(FILE, { code: "recording_purged" }, 410));
  expect(await screen.findByText("보관 기간이 지나 삭제한 녹화입니다.")).toBeTruthy();
  expect(screen.getByRole("button", { name: "다시 시도" })).toBeTruthy();
});

test("a file that comes and cannot be played is not blamed on the line or the time", async () => {
  const { server, user } = await playedUntil(DECODE, (one) => one.on(FILE, "x", 206));
  expect(await screen.findByText("재생하다가 문제가 생겼습니다")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "다시 시도" }));
  expect(await video()).toBeTruthy();
  expect(server.bodies(CALL)).toHaveLength(1);
});
