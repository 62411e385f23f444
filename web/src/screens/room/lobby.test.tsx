/** The lobby tells why it takes longer, and looks what became of the appointment. */
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import { CallSession } from "../../net/call-session";
import { LocalMedia } from "../../net/media/local-media";
import { emptyCall } from "../../state/call";
import { sampleState } from "../../state/call.sample";
import { CallProvider, type RoomResources } from "./call-context";
import { Lobby } from "./lobby";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function wait(visit: RoomResources["visit"], title = "견본 면접") {
  const local = new LocalMedia();
  const session = new CallSession({ local, ticket: () => Promise.resolve("t"), resume: { load: () => null, save: () => undefined } });
  const state = sampleState({ room: { ...sampleState().room, title } });
  const resources = { zone: "Asia/Seoul", notes: null, visit, fetchDocument: () => Promise.reject(new TypeError()) };
  return render(
    <AnnouncerProvider>
      <CallProvider session={session} local={local} resources={resources} view={{ ...emptyCall, state }} state={state}>
        <Lobby />
      </CallProvider>
    </AnnouncerProvider>,
  );
}

test("who waits is told that the conversation before is not over", () => {
  wait({ hostRunsLate: true, lookAgain: () => undefined });
  expect(screen.getByText(/앞 일정이 아직 끝나지 않았습니다/)).toBeTruthy();
});

test("who waits for nobody else is not told so", () => {
  wait({ hostRunsLate: false, lookAgain: () => undefined });
  expect(screen.queryByText(/앞 일정/)).toBeNull();
});

test.each([
  ["견본 면접", "견본 면접"],
  ["", "면접"],
])("a conversation with the title '%s' is called %s", (title, called) => {
  wait(null, title);
  expect(screen.getByText(called)).toBeTruthy();
});

test("the visit is looked at again for as long as one waits, and no longer", () => {
  const lookAgain = vi.fn();
  const { unmount } = wait({ hostRunsLate: false, lookAgain });
  act(() => void vi.advanceTimersByTime(61_000));
  expect(lookAgain).toHaveBeenCalledTimes(2);
  unmount();
  act(() => void vi.advanceTimersByTime(61_000));
  expect(lookAgain).toHaveBeenCalledTimes(2);
});
