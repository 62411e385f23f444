/** What is noted aside while one is in the room. */
import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import { CallSession } from "../../net/call-session";
import { LocalMedia } from "../../net/media/local-media";
import type { ChatLine, State } from "../../net/messages.gen";
import { emptyCall } from "../../state/call";
import { sampleState } from "../../state/call.sample";
import { CallProvider } from "./call-context";
import { useHappenings } from "./use-happenings";

const LINE: ChatLine = {
  id: "c1", seat: "s9", name: "최유진", to: "panel", text: "이 답은 따로 이야기해요", at: "2026-03-02T01:00:00Z", marked: false,
};
const local = new LocalMedia();
const session = new CallSession({ local, ticket: () => Promise.resolve("t"), resume: { load: () => null, save: () => undefined } });
const resources = { zone: "Asia/Seoul", notes: null, visit: null, fetchDocument: () => Promise.reject(new Error()) };

function Happenings() {
  useHappenings({ chatIsOpen: false });
  return null;
}

/** A page on which one is in the room with this state, or not. */
const page = (state: State | null) => (
  <AnnouncerProvider>
    {state !== null && (
      <CallProvider session={session} local={local} resources={resources} view={{ ...emptyCall, state }} state={state}>
        <Happenings />
      </CallProvider>
    )}
  </AnnouncerProvider>
);
const notes = () => screen.queryByRole("region", { name: "짧은 알림" })?.textContent ?? "";

test("a line of the chat is noted while the chat is closed, and the note goes with the room", () => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  const before = { ...sampleState(), chat: [] };
  const { rerender } = render(page(before));
  rerender(page({ ...before, chat: [LINE] }));
  expect(notes()).toContain(LINE.text);
  rerender(page(null));
  expect(notes()).not.toContain(LINE.text);
});
