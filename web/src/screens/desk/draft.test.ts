import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Draft } from "./draft";

const LOCKED = new Error("locked");
const OFFLINE = new Error("offline");

/** A server that keeps what it is sent, and fails or answers late when told to. */
class Server {
  readonly saved: string[] = [];
  failWith: Error | null = null;
  private waiting: (() => void)[] = [];
  slow = false;

  readonly save = async (value: string, version: number): Promise<number> => {
    if (this.slow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failWith) throw this.failWith;
    this.saved.push(value);
    return version + 1;
  };

  answer(): void {
    this.waiting.splice(0).forEach((resolve) => resolve());
  }
}

function draftAt(server: Server): Draft<string, number> {
  const draft = new Draft({ value: "", agreed: 1, save: server.save, isFinal: (error) => error === LOCKED });
  draft.subscribe(() => undefined);
  return draft;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a pause in typing saves once, with the newest text", async () => {
  const server = new Server();
  const draft = draftAt(server);
  draft.change("상");
  draft.change("상담");
  expect(draft.read().status).toBe("changed");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(server.saved).toEqual(["상담"]);
  expect(draft.read().status).toBe("saved");
});

test("what is typed while a save is on its way is saved after it", async () => {
  const server = new Server();
  server.slow = true;
  const draft = draftAt(server);
  draft.change("one");
  const flushed = draft.flush();
  draft.change("two");
  server.slow = false;
  server.answer();
  await flushed;
  expect(server.saved).toEqual(["one", "two"]);
  expect(draft.read()).toMatchObject({ value: "two", status: "saved" });
});

test("a failed save keeps the text and is tried again by itself", async () => {
  const server = new Server();
  server.failWith = OFFLINE;
  const draft = draftAt(server);
  draft.change("text");
  await draft.flush();
  expect(draft.read()).toMatchObject({ value: "text", status: "failed", error: OFFLINE });
  server.failWith = null;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(server.saved).toEqual(["text"]);
});

test("a final refusal is not tried again and typing does not hide it", async () => {
  const server = new Server();
  server.failWith = LOCKED;
  const draft = draftAt(server);
  draft.change("text");
  await draft.flush();
  server.failWith = null;
  draft.change("more");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(draft.read()).toMatchObject({ value: "more", status: "refused" });
  expect(server.saved).toEqual([]);
});

test("leaving the page sends what is unsaved, and stops trying when that fails", async () => {
  const server = new Server();
  server.failWith = OFFLINE;
  const draft = new Draft({ value: "", agreed: 1, save: server.save, isFinal: () => false });
  const leave = draft.subscribe(() => undefined);
  draft.change("last words");
  leave();
  await draft.flush();
  server.failWith = null;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.saved).toEqual([]);
});

test("each save begins from what the one before agreed with the server", async () => {
  const draft = draftAt(new Server());
  draft.change("one");
  await draft.flush();
  draft.change("two");
  await draft.flush();
  expect(draft.read().agreed).toBe(3);
});
