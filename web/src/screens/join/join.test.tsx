/** The seeker's pages before the door, each with a server and a browser that may say no. */
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import i18next from "i18next";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import { checkConnection } from "../../net/connection-check";
import { LocalMedia } from "../../net/media/local-media";
import { Problem } from "../../net/problem";
import type { VisitAnswer } from "../../net/visit";
import { Consent } from "./consent";
import { DeviceCheck } from "./device-check";
import { InApp } from "./in-app";
import { LinkProblem } from "./link-problem";
import { OverPage } from "./over-page";
import { Rules } from "./rules";
import { WhenCard } from "./when-card";

const words = (title: string) => ({ title, purpose: "확인", data: "소리", recipients: "담당자", until: "90일", refusing: "불이익 없음", note: "" });

const page = (change: Partial<VisitAnswer> = {}): VisitAnswer => ({
  state: "open",
  name: "정하늘",
  display_name: "정하늘",
  lang: "ko",
  now: "2026-11-23T01:00:00Z",
  device_check: null,
  rules: { required: false, accepted_at: null },
  consent: {
    recording: true,
    text_version: "v1",
    answers: {},
    items: [
      { item: "sound", ko: words("내 목소리 녹음"), en: words("Recording my voice") },
      { item: "picture", ko: words("내 화면 녹화"), en: words("Recording my picture") },
    ],
  },
  appointment: {
    id: "a1",
    kind: "interview",
    title: "물류 사무원 면접 (견본)",
    starts_at: "2026-11-23T01:00:00Z",
    ends_at: "2026-11-23T01:40:00Z",
    opens_at: "2026-11-23T00:30:00Z",
    zone: "Asia/Seoul",
    hosts: ["이정민"],
    organisation: "한빛고용센터",
    phone: "02-0000-0000",
    cancel_reason: null,
    host_runs_late: false,
  },
  ...change,
});

const place = { number: 1, of: 2 };

/** The bodies that were sent; every request is answered with `status` and `answer`. */
function serve(status: number, answer: unknown) {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(await request.json().catch(() => null));
    return new Response(JSON.stringify(answer), { status, headers: { "Content-Type": "application/json" } });
  });
  return sent;
}

beforeEach(() => vi.unstubAllGlobals());

describe("consent", () => {
  test("nothing is chosen beforehand, and going on without choosing decides later", async () => {
    const sent = serve(200, page());
    const onNext = vi.fn();
    render(<Consent visit={{ token: "v", page: page() }} place={place} onPage={() => undefined} onNext={onNext} />);
    expect(screen.getAllByRole("radio").filter((radio) => (radio as HTMLInputElement).checked)).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "나중에 정하고 다음으로" }));
    expect(sent[0]).toEqual({ text_version: "v1", answers: { sound: "unanswered", picture: "unanswered" }, lang: "ko" });
    expect(onNext).toHaveBeenCalledOnce();
  });

  test("each item is answered alone", async () => {
    const sent = serve(200, page());
    render(<Consent visit={{ token: "v", page: page() }} place={place} onPage={() => undefined} onNext={() => undefined} />);
    await userEvent.click(screen.getAllByRole("radio", { name: "동의합니다" })[0] as HTMLElement);
    await userEvent.click(screen.getAllByRole("radio", { name: "동의하지 않습니다" })[1] as HTMLElement);
    await userEvent.click(screen.getByRole("button", { name: "저장하고 다음으로" }));
    expect(sent[0]).toMatchObject({ answers: { sound: "granted", picture: "refused" } });
  });

  test("a text that changed meanwhile is shown again instead of being answered", async () => {
    serve(409, { code: "consent_text_changed" });
    const onNext = vi.fn();
    render(<Consent visit={{ token: "v", page: page() }} place={place} onPage={() => undefined} onNext={onNext} />);
    await userEvent.click(screen.getByRole("button", { name: "나중에 정하고 다음으로" }));
    expect(await screen.findByText(/동의 내용이 바뀌었습니다/)).toBeTruthy();
    expect(onNext).not.toHaveBeenCalled();
  });
});

describe("ground rules", () => {
  const group = page({ rules: { required: true, accepted_at: null } });

  test("are accepted by a mark of one's own, not by going on", async () => {
    const sent = serve(200, group);
    render(<Rules visit={{ token: "v", page: group }} place={place} onAccepted={() => undefined} />);
    await userEvent.click(screen.getByRole("button", { name: "다음으로" }));
    expect(screen.getByRole("alert").textContent).toMatch(/표시해 주세요/);
    expect(sent).toEqual([]);
  });

  test("carry the name that others will see", async () => {
    const sent = serve(200, group);
    const onAccepted = vi.fn();
    render(<Rules visit={{ token: "v", page: group }} place={place} onAccepted={onAccepted} />);
    const name = screen.getByLabelText("이름 또는 별칭");
    await userEvent.clear(name);
    await userEvent.type(name, "하늘이");
    await userEvent.click(screen.getByRole("checkbox"));
    await userEvent.click(screen.getByRole("button", { name: "다음으로" }));
    expect(sent[0]).toEqual({ accepted: true, display_name: "하늘이" });
    expect(onAccepted).toHaveBeenCalledOnce();
  });
});

describe("the device check", () => {
  test.each([
    ["NotAllowedError", /마이크 사용이 막혀 있습니다/, "denied"],
    ["NotFoundError", /마이크를 찾지 못했습니다/, "missing"],
    ["NotReadableError", /다른 프로그램이 마이크를 쓰고 있습니다/, "busy"],
  ])("helps with %s and never blocks", async (name, help, verdict) => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError()));
    vi.stubGlobal("WebSocket", class extends EventTarget { close = () => undefined; });
    Object.defineProperty(navigator, "mediaDevices", {
      configurable: true,
      value: Object.assign(new EventTarget(), {
        getUserMedia: () => Promise.reject(new DOMException("", name)),
        enumerateDevices: () => Promise.resolve([]),
      }),
    });
    const onNext = vi.fn();
    render(<DeviceCheck check={() => checkConnection("v")} local={new LocalMedia()} nextText="대기실로 들어가기" onNext={onNext} />);
    expect(await screen.findByText(help)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "대기실로 들어가기" }));
    expect(onNext.mock.calls[0]?.[0]).toMatchObject({ microphone: verdict, camera: verdict, speaker: "skipped" });
  });

  test.each([
    [{ rttMs: 20, socket: true, media: "direct" }, /^연결이 좋습니다/, "ok"],
    [{ rttMs: 20, socket: true, media: "relay" }, /중계 서버를 거칩니다/, "ok"],
    [{ rttMs: 20, socket: true, media: "blocked" }, /소리와 영상이 막혀 있습니다.*휴대전화 데이터/, "failed"],
    [{ rttMs: 20, socket: true, media: null }, /^연결이 좋습니다/, "ok"],
    [{ rttMs: 900, socket: true, media: "relay" }, /조금 느립니다/, "ok"],
    [{ rttMs: 20, socket: false, media: "direct" }, /화상 대화가 막혀/, "failed"],
    [{ rttMs: null, socket: false, media: null }, /서버에 연결하지 못했습니다/, "failed"],
  ] as const)("says of a connection %j what it means, and keeps the verdict", async (found, words, verdict) => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError()));
    const onNext = vi.fn();
    render(<DeviceCheck check={() => Promise.resolve(found)} local={new LocalMedia()} nextText="대기실로 들어가기" onNext={onNext} />);
    expect(await screen.findByText(words)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "대기실로 들어가기" }));
    expect(onNext.mock.calls[0]?.[0]).toMatchObject({ connection: verdict });
  });
});

describe("a way that ends early", () => {
  test.each([
    ["link_garbled", "링크가 온전하지 않습니다"],
    ["link_unknown", "알 수 없는 링크입니다"],
    ["link_revoked", "더 이상 쓸 수 없는 링크입니다"],
    ["link_expired", "기한이 지난 링크입니다"],
    ["internal_error", "링크를 열지 못했습니다"],
  ])("%s has its own words and a way to help", (code, title) => {
    render(<LinkProblem error={new Problem(code, 410)} onRetry={() => undefined} />);
    expect(screen.getByRole("heading", { level: 1, name: title })).toBeTruthy();
    expect(screen.getByText(/기관에 전화하시면/)).toBeTruthy();
  });

  test("a database that is away is no fault of the link, and is asked again", async () => {
    const onRetry = vi.fn();
    render(<LinkProblem error={new Problem("storage_away", 503)} onRetry={onRetry} />);
    expect(screen.getByRole("heading", { level: 1, name: "지금은 링크를 열 수 없습니다" })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "다시 시도" }));
    expect(onRetry).toHaveBeenCalledOnce();
  });

  test("a refused entry shows the host's word, the phone, and lets one knock again", async () => {
    const onAgain = vi.fn();
    render(<OverPage visit={{ token: "v", page: page() }} over={{ code: "denied", reason: "다음 시간에 와 주세요" }} onAgain={onAgain} />);
    expect(screen.getByText(/다음 시간에 와 주세요/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "02-0000-0000" }).getAttribute("href")).toBe("tel:0200000000");
    await userEvent.click(screen.getByRole("button", { name: "다시 들어가기" }));
    expect(onAgain).toHaveBeenCalledOnce();
  });

  test("a withdrawn seat cannot knock again", () => {
    render(<OverPage visit={{ token: "v", page: page() }} over={{ code: "seat_revoked", reason: null }} onAgain={() => undefined} />);
    expect(screen.queryByRole("button", { name: "다시 들어가기" })).toBeNull();
  });

  test("the end is thanked for, and says that nothing was kept", async () => {
    serve(200, { recorded: false, kept: [], next_starts_at: null });
    render(<OverPage visit={{ token: "v", page: page({ state: "ended" }) }} over={null} />);
    expect(await screen.findByText("목소리와 모습은 녹화되지 않았습니다.")).toBeTruthy();
  });
});

test("inside another app the link can be copied out", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText } });
  render(<AnnouncerProvider><InApp canCapture={false} onStay={() => undefined} /></AnnouncerProvider>);
  screen.getByRole("button", { name: "링크 복사하기" }).click();
  expect(await screen.findAllByText("복사했습니다.")).not.toHaveLength(0);
  expect(writeText).toHaveBeenCalledWith(location.href);
  expect(screen.queryByRole("button", { name: "그래도 여기서 계속하기" })).toBeNull();
});

test("the same page speaks English", async () => {
  await i18next.changeLanguage("en");
  render(<LinkProblem error={new Problem("link_expired", 410)} onRetry={() => undefined} />);
  expect(screen.getByRole("heading", { level: 1, name: "This link has expired" })).toBeTruthy();
});

test("an appointment without a title is called by its kind", () => {
  const untitled = page({ appointment: { ...page().appointment, title: "" } });
  render(<WhenCard page={untitled} />);
  screen.getByRole("heading", { name: "면접" });
});
