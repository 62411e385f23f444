/** The room as its people meet it: names of controls, who is recorded, who waits, what a guest does not see. */
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import { CallSession } from "../../net/call-session";
import { LocalMedia } from "../../net/media/local-media";
import type { State } from "../../net/messages.gen";
import { emptyCall } from "../../state/call";
import { sampleSeat, sampleState } from "../../state/call.sample";
import { emptyCapture, type CaptureState } from "../../state/capture";
import { Store } from "../../state/store";
import { CallProvider } from "./call-context";
import { TRIED_MS } from "./notices";
import { Connecting } from "./room";
import { Stage } from "./stage";

const HOST_MAY = ["chat.send", "lobby.admit", "lobby.admit_all", "lobby.deny", "seat.remove", "room.lock", "room.end", "agenda.mark", "recording.request", "bookmark"];

/** The room with this state. The session is real and not connected: whatever is sent is refused as offline. */
function show(change: Partial<State>) {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  const local = new LocalMedia();
  const session = new CallSession({ local, ticket: () => Promise.resolve("t"), resume: { load: () => null, save: () => undefined } });
  const state = sampleState(change);
  const resources = { zone: "Asia/Seoul", notes: null, visit: null, fetchDocument: () => Promise.reject(new TypeError()) };
  render(
    <AnnouncerProvider>
      <CallProvider session={session} local={local} resources={resources} view={{ ...emptyCall, state }} state={state}>
        <Stage />
      </CallProvider>
    </AnnouncerProvider>,
  );
  return userEvent.setup();
}

const host = (change: Partial<State["you"]> = {}): State["you"] => ({ ...sampleState().you, may: HOST_MAY, ...change });
const guest: State["you"] = { ...sampleState().you, seat: "guest", name: "정하늘", role: "guest", staff: false, hosting: false, may: ["chat.send"] };
const waiting = (name: string, claim = false) => ({ seat: name, name, role: "guest" as const, since: "2026-11-23T01:00:00Z", online: true, claim });

test("each control says its state in its name", () => {
  show({ you: host() });
  expect(screen.getByRole("button", { name: "마이크 꺼짐, 누르면 켜집니다" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "카메라 꺼짐, 누르면 켜집니다" })).toBeTruthy();
});

test("a conversation without a title of its own is called by its kind", () => {
  show({ room: { ...sampleState().room, title: "" } });
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("면접 대화방");
  expect(screen.getByText("면접")).toBeTruthy();
});

test("a recording names who is recorded and who is not", () => {
  show({
    recording: { status: "recording", since: null, seats: [{ seat: "host", sound: true, picture: true }, { seat: "guest", sound: false, picture: false }] },
  });
  expect(screen.getByText("녹화 중: 이정민")).toBeTruthy();
  expect(screen.getByText("녹화하지 않음: 정하늘")).toBeTruthy();
});

test("an unrecorded conversation says so and has no button for it", () => {
  show({ you: host(), recording: { status: "not_permitted", since: null, seats: [] } });
  expect(screen.getByText("이 면접은 녹화하지 않습니다")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "녹화 시작" })).toBeNull();
});

test("a host sees who waits and may admit", () => {
  show({ you: host(), lobby: [waiting("오민석")] });
  expect(screen.getByText("오민석 님이 기다리고 있습니다")).toBeTruthy();
  expect(screen.getByRole("button", { name: "입장 허용" })).toBeTruthy();
});

test("an interviewer who does not host is not asked about the door", () => {
  show({ you: host({ role: "panel", hosting: false, may: ["chat.send"] }), lobby: [waiting("오민석")] });
  expect(screen.queryByRole("button", { name: "입장 허용" })).toBeNull();
});

test("many who wait make one notice with one answer", () => {
  show({ you: host(), lobby: ["오민석", "한지우", "윤가람"].map((name) => waiting(name)) });
  expect(screen.getByText("3명이 기다리고 있습니다")).toBeTruthy();
  expect(screen.getAllByRole("button", { name: "모두 입장 허용" })).toHaveLength(1);
});

test("a claim of a seat in use is no arrival: the host decides about the device", () => {
  show({ you: host(), lobby: [waiting("정하늘", true)] });
  expect(screen.getByText("다른 기기에서 정하늘 님 자리로 들어오려고 합니다")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "입장 허용" })).toBeNull();
});

test("the holder of a claimed seat is warned", () => {
  show({ you: { ...guest, claimed: true } });
  expect(screen.getByText("다른 기기에서 내 자리로 들어오려고 합니다")).toBeTruthy();
});

test("a guest has neither private notes nor the staff's channel nor a way to end it for all", async () => {
  const user = show({ you: guest });
  expect(screen.queryByRole("button", { name: /메모/ })).toBeNull();
  await user.click(screen.getByRole("button", { name: "채팅" }));
  expect(screen.queryByRole("tab", { name: "면접관끼리" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "나가기" }));
  expect(screen.queryByRole("button", { name: "모두 끝내기" })).toBeNull();
});

test("a guest finds whom to call in the menu and before leaving", async () => {
  const user = show({ you: guest });
  await user.click(screen.getByRole("button", { name: "더 보기" }));
  await user.click(await screen.findByRole("menuitem", { name: "도움 받기" }));
  expect(within(await screen.findByRole("dialog")).getByRole("link", { name: "02-0000-0000" }).getAttribute("href")).toBe("tel:0200000000");
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "나가기" }));
  expect(within(await screen.findByRole("dialog")).getByText(/한빛고용센터에 전화/)).toBeTruthy();
});

describe("on a weak line", () => {
  const WEAK = "내 인터넷 연결이 약합니다";
  const seats = (seat: string) => ["host", "guest"].map((one) => sampleSeat({ seat: one, name: one, hint: one === seat ? "weak" : "good" }));

  /** A device whose camera is on and does as it is told. */
  function withCamera() {
    const camera = (status: "on" | "muted") => ({ ...emptyCapture, camera: { ...emptyCapture.camera, status } });
    const capture = new Store<CaptureState>(camera("on"));
    vi.spyOn(LocalMedia.prototype, "state", "get").mockReturnValue(capture);
    vi.spyOn(LocalMedia.prototype, "setCameraOn").mockImplementation(async (on) => capture.set(camera(on ? "on" : "muted")));
  }

  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("a guest without a camera is told as well, with what helps and whom to call", () => {
    show({ you: guest, seats: seats("guest") });
    const notice = screen.getByText(WEAK).closest("[role=status]") as HTMLElement;
    expect(within(notice).getByText(/와이파이 가까이/)).toBeTruthy();
    expect(within(notice).getByRole("link", { name: "02-0000-0000" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "카메라 끄고 목소리만 쓰기" })).toBeNull();
  });

  test("staff without a camera are told what helps: they are who is called", () => {
    show({ you: host(), seats: seats("host") });
    const notice = screen.getByText(WEAK).closest("[role=status]") as HTMLElement;
    expect(within(notice).getByText(/와이파이 가까이/)).toBeTruthy();
    expect(within(notice).queryByRole("link")).toBeNull();
  });

  test("whoever has a camera is told aloud as well, with the one press that helps most", () => {
    withCamera();
    show({ you: guest, seats: seats("guest") });
    const notice = screen.getByText(WEAK).closest("[role=status]") as HTMLElement;
    expect(within(notice).getByRole("button", { name: "카메라 끄고 목소리만 쓰기" })).toBeTruthy();
  });

  test("whose own line is well is not told of somebody else's", () => {
    show({ you: guest, seats: seats("host") });
    expect(screen.queryByText(WEAK)).toBeNull();
  });

  test("whoever turns the camera off is left alone for a while, and told what else helps if it was not enough", async () => {
    vi.useFakeTimers();
    withCamera();
    show({ you: guest, seats: seats("guest") });
    fireEvent.click(screen.getByRole("button", { name: "카메라 끄고 목소리만 쓰기" }));
    expect(screen.queryByText(WEAK)).toBeNull();
    act(() => void vi.advanceTimersByTime(TRIED_MS));
    expect(screen.getByText(/와이파이 가까이/)).toBeTruthy();
  });
});

const RESUME = { id: "d1", title: "이력서", pages: 2 };

test("an interviewer reads a document alone, beside the questions, and turns only their own pages", async () => {
  const user = show({ you: host({ role: "panel", hosting: false, may: ["chat.send"] }), documents: [RESUME] });
  await user.click(screen.getByRole("button", { name: "면접 질문" }));
  expect(screen.queryByRole("button", { name: "이력서: 함께 보기" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "이력서: 나만 보기" }));
  const reading = screen.getByRole("complementary", { name: "나만 보는 자료: 이력서" });
  expect(within(reading).getByText("나만 보고 있습니다")).toBeTruthy();
  expect(document.activeElement).toBe(within(reading).getByRole("heading", { name: "이력서" }));
  await user.click(within(reading).getByRole("button", { name: "다음 쪽" }));
  expect(within(reading).getByText("2 / 2쪽")).toBeTruthy();
  expect(document.activeElement).toBe(within(reading).getByRole("group", { name: "이력서 2쪽" }));
  expect(await within(reading).findByText("자료를 열지 못했습니다. 닫고 다시 열어 주세요.")).toBeTruthy();
  await user.keyboard("{Escape}");
  await expect.poll(() => screen.queryByRole("complementary", { name: "나만 보는 자료: 이력서" })).toBeNull();
});

test("showing a document to all is another button than reading it alone", async () => {
  const user = show({ you: host({ may: [...HOST_MAY, "document.show"] }), documents: [RESUME] });
  await user.click(screen.getByRole("button", { name: "면접 질문" }));
  expect(screen.getByRole("button", { name: "이력서: 나만 보기" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "이력서: 함께 보기" })).toBeTruthy();
});

test("staff are the ones who are called", async () => {
  const user = show({ you: host() });
  await user.click(screen.getByRole("button", { name: "나가기" }));
  expect(within(await screen.findByRole("dialog")).queryByRole("link")).toBeNull();
});

test("staff write to everybody or to themselves, each in its own place", async () => {
  const user = show({ you: host(), chat: [{ id: "1", seat: "host", name: "이정민", to: "panel", text: "경력 확인 필요", at: "2026-11-23T01:00:00Z", marked: false }] });
  await user.click(screen.getByRole("button", { name: "채팅" }));
  expect(screen.queryByText("경력 확인 필요")).toBeNull();
  await user.click(screen.getByRole("tab", { name: "면접관끼리" }));
  expect(screen.getByText("경력 확인 필요")).toBeTruthy();
  expect(screen.getByLabelText("담당자에게만 쓰기")).toBeTruthy();
});

test("what could not be sent is told", async () => {
  const user = show({ you: host(), lobby: [waiting("오민석")] });
  await user.click(screen.getByRole("button", { name: "입장 허용" }));
  expect(await screen.findAllByText(/연결이 끊겨 전하지 못했습니다/)).not.toHaveLength(0);
});

test("a question is marked as asked from the list of questions", async () => {
  const user = show({ you: host(), agenda: [{ id: "q1", text: "자기소개", minutes: 3, state: "pending", at: null, by: null }] });
  await user.click(screen.getByRole("button", { name: "면접 질문" }));
  expect(screen.getByRole("button", { name: "자기소개: 질문함" })).toBeTruthy();
});

test("Escape closes the side panel and gives the focus back", async () => {
  const user = show({ you: host() });
  await user.click(screen.getByRole("button", { name: "참가자" }));
  expect(screen.getByRole("complementary", { name: "참가자" })).toBeTruthy();
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("complementary")).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "참가자" }));
});

test("a panel opened after another gives the focus back to its own control", async () => {
  const user = show({ you: host() });
  await user.click(screen.getByRole("button", { name: "참가자" }));
  screen.getByRole("button", { name: "채팅" }).focus();
  await user.keyboard("{Enter}");
  await user.click(screen.getByRole("textbox"));
  await user.keyboard("{Escape}");
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "채팅" }));
});

test("a recording that begins asks privately, and nothing is chosen beforehand", () => {
  const wording = { title: "내 목소리 녹음", purpose: "확인", data: "마이크", recipients: "담당자", until: "90일", refusing: "동의하지 않아도 불이익이 없습니다", note: "다른 마이크에 들릴 수 있습니다" };
  show({ you: guest, consent: { text_version: "1", items: [{ item: "sound", ko: wording, en: wording }], answers: {}, asked: true } });
  const dialog = screen.getByRole("alertdialog", { name: "녹화에 동의하시겠습니까?" });
  expect(within(dialog).getAllByRole("radio").filter((radio) => (radio as HTMLInputElement).checked)).toEqual([]);
  expect(within(dialog).getByRole("button", { name: "나중에 정하기" })).toBeTruthy();
  for (const said of Object.values(wording)) expect(within(dialog).getByText(said)).toBeTruthy();
});

const stalledMic = { tracks: [{ track: "guest.mic", source: "mic" as const, muted: false, stalled: true }] };

test("a microphone that nothing comes of is told to its own person with one way to repair it", () => {
  show({ you: guest, seats: [sampleSeat({ seat: "host", name: "이정민", role: "host", staff: true }), sampleSeat(stalledMic)] });
  expect(screen.getByText("내 소리가 전해지지 않고 있습니다")).toBeTruthy();
  expect(screen.getAllByRole("button", { name: "마이크 다시 켜기" })).toHaveLength(1);
  expect(screen.queryByText("소리가 오지 않음")).toBeNull();
});

test("the host sees on the tile that nothing comes of a microphone, and other people do not", () => {
  const seats = [sampleSeat({ seat: "host", name: "이정민", role: "host", staff: true }), sampleSeat(stalledMic)];
  show({ you: host(), seats });
  expect(screen.getByText("소리가 오지 않음")).toBeTruthy();
  expect(screen.queryByText("내 소리가 전해지지 않고 있습니다")).toBeNull();
  cleanup();
  show({ you: host({ role: "panel", hosting: false }), seats });
  expect(screen.queryByText("소리가 오지 않음")).toBeNull();
});

test("somebody whose line is away keeps a place among the faces", () => {
  show({ seats: [sampleSeat({ seat: "host", name: "이정민", role: "host" }), sampleSeat({ presence: "reconnecting" })] });
  expect(screen.getByText("다시 연결하는 중입니다")).toBeTruthy();
});

/** A group of twelve of whom nine are to be shown, the viewer among them. */
function crowd(change: Partial<State> = {}): Partial<State> {
  const guests = Array.from({ length: 11 }, (_, place) => sampleSeat({ seat: `g${String(place)}`, name: `참여자${String(place)}` }));
  const seats = [sampleSeat({ seat: "host", name: "이정민", role: "host", staff: true }), ...guests];
  const shown = seats.slice(0, 9).map(({ seat }) => seat);
  return { you: host({ may: [...HOST_MAY, "seat.interpret"] }), seats, stage: { narrow: shown.slice(0, 4), wide: shown }, ...change };
}

const faces = () => within(screen.getByRole("list", { name: "참가자 화면" })).getAllByRole("listitem").map((tile) => tile.textContent ?? "");

test("a crowd shows as many faces as there are places, and one press leads to all the others", async () => {
  const user = show(crowd());
  expect(faces()).toHaveLength(10);
  await user.click(screen.getByRole("button", { name: /외 3명 보기/ }));
  expect(within(screen.getByRole("complementary", { name: "참가자" })).getAllByRole("listitem")).toHaveLength(12);
});

test("a hand raised out of sight is seen", () => {
  const state = crowd();
  const seats = (state.seats ?? []).map((seat) => (seat.seat === "g10" ? { ...seat, hand_raised_at: "2026-11-23T01:00:00Z" } : seat));
  show({ ...state, seats });
  expect(screen.getByRole("button", { name: /손 듦: 참여자10/ })).toBeTruthy();
});

test("a pinned person is brought into sight, first, and says so", async () => {
  const user = show(crowd());
  await user.click(screen.getByRole("button", { name: "참가자" }));
  await user.click(screen.getByRole("button", { name: "참여자10 님 화면 고정" }));
  expect(faces()).toHaveLength(10);
  expect(faces()[0]).toMatch(/참여자10.*고정함/);
  expect(screen.getByRole("button", { name: "참여자10 님 화면 고정 풀기" })).toBeTruthy();
});

test("everybody reads who interprets, and only a host may say it", async () => {
  const state = crowd();
  const seats = (state.seats ?? []).map((seat) => (seat.seat === "g1" ? { ...seat, interprets: true } : seat));
  const user = show({ ...state, seats });
  expect(faces()[0]).toMatch(/참여자1.*통역/);
  await user.click(screen.getByRole("button", { name: "참가자" }));
  expect(screen.getByRole("button", { name: "참여자1 님 통역 빼기" })).toBeTruthy();
  cleanup();
  const again = show({ ...state, you: guest, seats });
  await again.click(screen.getByRole("button", { name: /외 \d+명 보기/ }));
  expect(screen.queryByRole("button", { name: /통역/ })).toBeNull();
});

test("whoever finds every place taken is told so, and what is being done", () => {
  render(<Connecting centre={{ name: "한빛고용센터", phone: "02-123-4567" }} full />);
  expect(screen.getByRole("heading", { name: "지금은 대화방이 모두 쓰이고 있습니다" })).toBeTruthy();
  expect(screen.getByText(/그대로 두고 기다리시면 됩니다/)).toBeTruthy();
});

test("a seeker reads what was agreed with its day in words, also where no order was made", async () => {
  const user = show({ you: guest, agenda: [], next_steps: [{ id: "s1", text: "이력서 고쳐 오기", due: "2031-03-02", by: "host" }] });
  await user.click(screen.getByRole("button", { name: "면접 질문" }));
  expect(screen.getByText("2031년 3월 2일 일요일까지")).toBeTruthy();
  expect(screen.queryByText("미리 정한 순서가 없습니다.")).toBeNull();
});
