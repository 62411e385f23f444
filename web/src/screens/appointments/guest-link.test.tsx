import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import { show } from "../desk/show";
import { GuestLink } from "./guest-link";
import type { SeatCard } from "./queries";

const SEAT: SeatCard = {
  id: "s1",
  person_id: "p1",
  name: "정견본",
  display_name: "정견본",
  phone: "01012345678",
  role: "guest",
  staff: false,
  lang: "ko",
  presence: "invited",
  presence_at: null,
  first_present_at: null,
  device_check: null,
  has_link: false,
};
const CALL = "POST /api/appointments/a1/seats/s1/link";
const LINK = { url: "http://localhost/join#secret", message_ko: "안내", message_en: "Message" };

test("the first link is made at once and can be copied with its message", async () => {
  const { user } = show(<GuestLink appointmentId="a1" seat={SEAT} />, (server) => server.on(CALL, LINK));
  await user.click(await screen.findByRole("button", { name: "정견본 님 링크 만들기" }));
  expect(await screen.findByDisplayValue(LINK.url)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "안내 문구 복사" }));
  expect(await navigator.clipboard.readText()).toBe("안내");
});

test("a link that was sent before dies only after a question", async () => {
  const { server, user } = show(<GuestLink appointmentId="a1" seat={{ ...SEAT, has_link: true }} />, (one) => one.on(CALL, LINK));
  await user.click(await screen.findByRole("button", { name: "정견본 님 새 링크 만들기" }));
  const question = await screen.findByRole("dialog");
  expect(question.textContent).toContain("이전에 보낸 링크는 바로 열리지 않게 됩니다");
  expect(server.bodies(CALL)).toEqual([]);
  await user.click(within(question).getByRole("button", { name: "새 링크 만들기" }));
  expect(await screen.findByDisplayValue(LINK.url)).toBeTruthy();
});
