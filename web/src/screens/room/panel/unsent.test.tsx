/** Words that are sent by a press: what is typed while they are on their way stays in the field. */
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../../elements/announcer";
import { CallSession } from "../../../net/call-session";
import { LocalMedia } from "../../../net/media/local-media";
import { emptyCall } from "../../../state/call";
import { sampleState } from "../../../state/call.sample";
import { CallProvider } from "../call-context";
import { Chat } from "./chat";
import { Notes } from "./notes";

/** The panel of a host whose words arrive when the returned function is called. */
function show(Panel: () => React.ReactNode) {
  const local = new LocalMedia();
  const session = new CallSession({ local, ticket: () => Promise.resolve("t"), resume: { load: () => null, save: () => undefined } });
  let arrive: () => void = () => undefined;
  vi.spyOn(session, "request").mockReturnValue(new Promise((resolve) => (arrive = () => resolve({} as never))));
  const state = sampleState();
  state.you = { ...state.you, may: ["chat.send", "bookmark", "next_step.add"] };
  const resources = { zone: "Asia/Seoul", notes: null, visit: null, fetchDocument: () => Promise.reject(new TypeError()) };
  render(
    <AnnouncerProvider>
      <CallProvider session={session} local={local} resources={resources} view={{ ...emptyCall, state }} state={state}>
        <Panel />
      </CallProvider>
    </AnnouncerProvider>,
  );
  return () => act(async () => arrive());
}

test.each<[string, () => React.ReactNode]>([
  ["모두에게 쓰기", Chat],
  ["설명 (선택)", Notes],
  ["할 일", Notes],
])("what is typed while the words before are on their way stays in the field: %s", async (label, Panel) => {
  const arrive = show(Panel);
  const field = screen.getByLabelText<HTMLInputElement>(label);
  const form = within(field.closest("form") as HTMLElement);
  const write = (value: string) => fireEvent.change(field, { target: { value } });
  write("이력서");
  fireEvent.click(form.getByRole("button"));
  write("이력서 다음 말");
  await arrive();
  expect(field.value).toBe("다음 말");
});
