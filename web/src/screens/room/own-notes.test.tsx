/** Private notes beside the faces: no word is lost to a slow line, a closed panel or the end of the call. */
import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import { CallSession } from "../../net/call-session";
import { LocalMedia } from "../../net/media/local-media";
import { Problem } from "../../net/problem";
import { emptyCall } from "../../state/call";
import { sampleState } from "../../state/call.sample";
import { CallProvider } from "./call-context";
import { OwnNotes, ownNotes } from "./own-notes";
import Room from "./room";
import { Stage } from "./stage";

const OFFLINE = new TypeError("offline");
const SIGNED_OUT = new Problem("auth_required", 401);

/** A server whose answers to a save come when the test says so. `happened`: what reached it, in order. */
class Server {
  readonly happened: string[] = [];
  kept = "";
  private readonly waiting: (() => void)[] = [];
  slow = false;
  failWith: Error | null = null;

  readonly load = () => (this.failWith ? Promise.reject(this.failWith) : Promise.resolve(this.kept));

  readonly save = async (text: string): Promise<void> => {
    this.happened.push(`notes: ${text}`);
    if (this.slow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failWith) throw this.failWith;
    this.kept = text;
  };

  async answer(): Promise<void> {
    await act(async () => this.waiting.splice(0).forEach((resolve) => resolve()));
  }
}

/** The room of a host who opened the notes. */
async function show(server: Server) {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  const local = new LocalMedia();
  const session = new CallSession({ local, ticket: () => Promise.resolve("t"), resume: { load: () => null, save: () => undefined } });
  vi.spyOn(session, "request").mockImplementation((event) => {
    server.happened.push(event);
    return Promise.resolve({} as never);
  });
  const state = sampleState();
  state.you = { ...state.you, may: ["room.end", "chat.send"] };
  const resources = { zone: "Asia/Seoul", notes: new OwnNotes(server), visit: null, fetchDocument: () => Promise.reject(OFFLINE) };
  render(
    <AnnouncerProvider>
      <CallProvider session={session} local={local} resources={resources} view={{ ...emptyCall, state }} state={state}>
        <Stage />
      </CallProvider>
    </AnnouncerProvider>,
  );
  await press("메모, 다음 할 일");
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

async function press(name: string): Promise<void> {
  fireEvent.click(screen.getByRole("button", { name }));
  await pass(0);
}

const field = () => screen.getByLabelText<HTMLTextAreaElement>("내 메모");
const write = (text: string) => fireEvent.change(field(), { target: { value: text } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("words typed while a save is on its way are saved after it, and only then is it said", async () => {
  const server = new Server();
  await show(server);
  server.slow = true;
  write("이력서");
  await pass(1_000);
  write("이력서 고쳐 오기");
  await server.answer();
  expect(screen.queryByText("저장됨")).toBeNull();
  await pass(1_000);
  await server.answer();
  expect(server.kept).toBe("이력서 고쳐 오기");
  expect(screen.getByText("저장됨")).toBeTruthy();
});

test("words that could not be saved while the panel closed are there when it opens again, and are saved by themselves", async () => {
  const server = new Server();
  await show(server);
  server.failWith = OFFLINE;
  write("선이 끊긴 동안 쓴 말");
  await press("채팅");
  await pass(1_000);
  await press("메모, 다음 할 일");
  expect(field().value).toBe("선이 끊긴 동안 쓴 말");
  expect(screen.getByText(/메모를 저장하지 못했습니다/)).toBeTruthy();
  await press("채팅");
  server.failWith = null;
  await pass(6_000);
  expect(server.kept).toBe("선이 끊긴 동안 쓴 말");
});

test("whoever could not read the notes reads them when the panel opens again", async () => {
  const server = new Server();
  server.kept = "지난번 말";
  server.failWith = OFFLINE;
  await show(server);
  expect(screen.getByText(/메모를 불러오지 못했습니다/)).toBeTruthy();
  server.failWith = null;
  await press("채팅");
  await press("메모, 다음 할 일");
  expect(field().value).toBe("지난번 말");
});

test.each([
  ["모두 끝내기", "room.end"],
  ["나만 나가기", "room.leave"],
])("the last words are saved before the call is gone from: %s", async (way, event) => {
  const server = new Server();
  await show(server);
  write("마지막 말");
  await press("나가기");
  server.slow = true;
  await press(way);
  expect(server.happened).toEqual(["notes: 마지막 말"]);
  await server.answer();
  expect(server.happened).toEqual(["notes: 마지막 말", event]);
});

test("a server that does not answer holds nobody back for more than a few seconds, and is told of", async () => {
  const server = new Server();
  await show(server);
  server.slow = true;
  write("마지막 말");
  await press("나가기");
  await press("모두 끝내기");
  await pass(3_000);
  expect(server.happened).toEqual(["notes: 마지막 말", "room.end"]);
  expect(screen.getAllByText(/메모를 아직 저장하지 못했습니다/)).not.toHaveLength(0);
  await server.answer();
  expect(server.kept).toBe("마지막 말");
});

/** Notes of somebody in the room, with these words in them. */
async function written(notes: OwnNotes, text: string): Promise<OwnNotes> {
  notes.enter();
  await notes.open();
  notes.change(text);
  return notes;
}

test("words unsaved when the room is left are tried again, and whoever comes back first finds them", async () => {
  const server = new Server();
  server.kept = "전에 쓴 말";
  const notes = await written(ownNotes("p1", "a1", server), "나간 뒤에 남은 말");
  server.failWith = OFFLINE;
  notes.leave();
  await pass(0);
  const again = ownNotes("p1", "a1", server);
  await again.open();
  expect(again.written.get()).toEqual({ text: "나간 뒤에 남은 말", saving: "failed" });
  server.failWith = null;
  await pass(6_000);
  expect(server.kept).toBe("나간 뒤에 남은 말");
});

test("whoever comes back after all was saved reads what another device has written in between", async () => {
  const server = new Server();
  const notes = await written(new OwnNotes(server), "이 기기에서");
  notes.leave();
  await pass(0);
  server.kept = "다른 기기에서";
  notes.enter();
  await notes.open();
  expect(notes.written.get()).toEqual({ text: "다른 기기에서", saving: "saved" });
});

test("words left behind wait for whoever wrote them: nobody else who signs in saves or finds them", async () => {
  const server = new Server();
  const notes = await written(ownNotes("p2", "a1", server), "앞사람의 말");
  server.failWith = SIGNED_OUT;
  notes.leave();
  await pass(0);
  server.failWith = null;
  await pass(60_000);
  expect(server.kept).toBe("");
  expect(ownNotes("p3", "a1", server)).not.toBe(notes);
  ownNotes("p2", "a1", server).enter();
  await pass(1_000);
  expect(server.kept).toBe("앞사람의 말");
  notes.leave();
});

test("in the room, notes wait for whoever has to sign in again", async () => {
  const server = new Server();
  server.failWith = SIGNED_OUT;
  const notes = new OwnNotes({ load: () => Promise.resolve(""), save: server.save });
  await written(notes, "기다리는 말");
  await pass(1_000);
  server.failWith = null;
  await pass(6_000);
  expect(server.kept).toBe("기다리는 말");
  notes.leave();
});

test("unsaved words are sent when the page is hidden, and whoever closes it is asked first", async () => {
  const server = new Server();
  const closing = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const notes = await written(new OwnNotes(server), "닫기 전의 말");
  expect(closing()).toBe(true);
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(0);
  expect(server.kept).toBe("닫기 전의 말");
  expect(closing()).toBe(false);
  notes.leave();
});

test("the last words are sent when the room goes away by itself", async () => {
  const server = new Server();
  vi.spyOn(CallSession.prototype, "open").mockReturnValue();
  const notes = new OwnNotes(server);
  const resources = { zone: "Asia/Seoul", notes, visit: null, fetchDocument: () => Promise.reject(OFFLINE) };
  const centre = { name: "한빛고용센터", phone: "02-0000-0000" };
  const ticket = () => Promise.resolve("t");
  const room = render(<Room local={new LocalMedia()} resources={resources} centre={centre} ticket={ticket} resumeKey="r" onOver={() => undefined} />);
  await written(notes, "끊기기 전의 말");
  room.unmount();
  await pass(0);
  expect(server.kept).toBe("끊기기 전의 말");
});
