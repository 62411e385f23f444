import { afterEach, expect, test, vi } from "vitest";
import { screen } from "@testing-library/react";
import { show } from "../desk/show";
import { Player } from "./player";

const CALL = "POST /api/recordings/r1/playback";
const GRANT = { url: "/api/playback/grant", expires_at: "2026-03-02T05:00:00Z" };

afterEach(() => vi.restoreAllMocks());

const plays = (answer: CanPlayTypeResult) => vi.spyOn(HTMLMediaElement.prototype, "canPlayType").mockReturnValue(answer);

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
  expect(await screen.findByLabelText("녹화")).toBeTruthy();
  expect(server.bodies(CALL)).toEqual([{ reason: "" }]);
});
