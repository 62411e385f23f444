import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import { show } from "../desk/show";
import type { BoardSeat } from "./queries";
import { SeatTracks } from "./seat-tracks";

const SEAT = { id: "s1", name: "정견본", staff: false, presence: "connected", presence_at: null, is_weak: false, line: null } as BoardSeat;
const PATH = "GET /api/board/a1/seats/s1";
const received = {
  seat_id: "s2", name: "김견본", source: "camera", layer: 1, paused: false, height: 360, bitrate_bps: 412_000,
  loss_percent: 2.5, freezes_per_minute: 3, concealed_percent: null,
};
const TRACKS = {
  sends: [
    { source: "camera", layer: 1, height: 360, bitrate_bps: 0, loss_percent: 0 },
    { source: "camera", layer: 2, height: 720, bitrate_bps: 900_000, loss_percent: 0.4 },
  ],
  receives: [
    received,
    { ...received, source: "mic", height: null, bitrate_bps: 31_000, freezes_per_minute: null, concealed_percent: 1.5 },
    { ...received, source: "screen", layer: null, paused: true, height: null, bitrate_bps: 0, loss_percent: null, freezes_per_minute: null },
  ],
};

const opened = async (tracks: typeof TRACKS) => {
  const shown = show(<SeatTracks appointment="a1" seat={SEAT} />, (server) => server.on(PATH, tracks));
  await shown.user.click(await screen.findByText("트랙별로 보기"));
  return shown;
};

const rows = async (title: string) => {
  const direction = (await screen.findByRole("heading", { name: title })).parentElement as HTMLElement;
  return within(direction).getAllByRole("listitem").map((row) => row.textContent);
};

test("nothing is asked for until a seat is opened", async () => {
  const { server } = show(<SeatTracks appointment="a1" seat={SEAT} />, (one) => one.on(PATH, TRACKS));
  await screen.findByText("트랙별로 보기");
  expect(server.bodies(PATH)).toEqual([]);
  expect(screen.queryByRole("heading", { name: "보내는 것" })).toBeNull();
});

test("an opened seat tells of each track what is known of it, and why a picture is not sent", async () => {
  await opened(TRACKS);
  expect(await rows("보내는 것")).toEqual(["카메라화면 단계2 · 360p속도지금은 보내지 않음", "카메라화면 단계3 · 720p속도900 kbit/s손실0.4 %"]);
  expect(await rows("받는 것")).toEqual([
    "김견본 · 카메라화면 단계2 · 360p속도412 kbit/s손실2.5 %분당 끊김3",
    "김견본 · 마이크속도31 kbit/s손실2.5 %메운 소리1.5 %",
    "김견본 · 화면 공유화면 단계회선이 약해 멈춤속도0 kbit/s",
  ]);
});

test("of a seat that sends and gets nothing that is said", async () => {
  await opened({ sends: [], receives: [] });
  expect(await screen.findByText("보내는 소리와 화면이 없습니다.")).toBeDefined();
  expect(await screen.findByText("받는 소리와 화면이 없습니다.")).toBeDefined();
});
