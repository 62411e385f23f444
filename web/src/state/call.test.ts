import { describe, expect, test } from "vitest";
import type { SeatView, State } from "../net/messages.gen";
import { emptyCall, hasOrder, receive, recordedNames, sentByOthers, stalledInputs, wantedTracks, withoutPauses, type CallView } from "./call";
import { sampleSeat, sampleState } from "./call.sample";

const live = (state: State = sampleState()): CallView => receive(emptyCall, { event: "state", data: state });

describe("the call as a seat sees it", () => {
  test("a push before the whole state changes nothing", () => {
    expect(receive(emptyCall, { event: "chat.said", data: { rev: 1, line: line("a") } })).toBe(emptyCall);
  });

  test("the next revision replaces its section and leaves the others", () => {
    const before = live();
    const after = receive(before, { event: "seat.state", data: { rev: 8, seat: sampleSeat({ seat: "guest", name: "정하늘", hint: "weak" }) } });
    expect(after.state?.rev).toBe(8);
    expect(after.state?.seats.map(({ seat, hint }) => [seat, hint])).toEqual([["host", "good"], ["guest", "weak"]]);
    expect(after.state?.agenda).toBe(before.state?.agenda);
  });

  test("a new seat comes to the end of the roster", () => {
    const after = receive(live(), { event: "seat.state", data: { rev: 8, seat: sampleSeat({ seat: "third", name: "오민석" }) } });
    expect(after.state?.seats.map(({ seat }) => seat)).toEqual(["host", "guest", "third"]);
  });

  test("a chat line that is marked later stays one line", () => {
    let view = receive(live(), { event: "chat.said", data: { rev: 8, line: line("a") } });
    view = receive(view, { event: "chat.said", data: { rev: 9, line: { ...line("a"), marked: true } } });
    expect(view.state?.chat).toEqual([{ ...line("a"), marked: true }]);
  });

  test("a picture for which the server has no time is told from one that the line does not carry", () => {
    const view = receive(live(), { event: "down.paused", data: { tracks: ["a.camera", "b.camera"], busy: ["b.camera"] } });
    expect([view.paused, view.busy]).toEqual([["a.camera", "b.camera"], ["b.camera"]]);
    const before = receive(view, { event: "down.paused", data: { tracks: ["a.camera"] } });
    expect([before.paused, before.busy], "from a server that says nothing of it").toEqual([["a.camera"], []]);
    expect(withoutPauses(view)).toMatchObject({ paused: [], busy: [] });
  });

  test("a repeated push is ignored", () => {
    const view = receive(live(), { event: "room.state", data: { rev: 7, room: { ...sampleState().room, locked: true } } });
    expect(view.state?.room.locked).toBe(false);
  });

  test("a gap makes the view stale until the whole state comes", () => {
    const gap = receive(live(), { event: "room.state", data: { rev: 9, room: { ...sampleState().room, locked: true } } });
    expect([gap.stale, gap.state?.rev]).toEqual([true, 7]);
    const late = receive(gap, { event: "room.state", data: { rev: 8, room: { ...sampleState().room, locked: true } } });
    expect(late.stale).toBe(true);
    expect(receive(late, { event: "state", data: sampleState({ rev: 12 }) })).toMatchObject({ stale: false, state: { rev: 12 } });
  });

  test("who speaks is said with the whole state, whatever was said before a cut", () => {
    const before = receive(live(), { event: "speakers", data: { seats: ["host"] } });
    expect(receive(before, { event: "state", data: sampleState({ speakers: ["guest"] }) }).speakers).toEqual(["guest"]);
  });

  test("who arrived in the lobby is said with the push that brought them", () => {
    const entry = { seat: "guest", name: "정하늘", role: "guest" as const, since: "2026-11-23T01:00:00Z", online: true, claim: false };
    const view = receive(live(), { event: "lobby.wait", data: { rev: 8, lobby: [entry], arrived: ["guest"] } });
    expect([view.arrived, view.state?.lobby]).toEqual([["guest"], [entry]]);
  });
});

test("nobody is called recorded who has not agreed to sound and picture", () => {
  const state = sampleState();
  state.recording = { status: "recording", since: null, seats: [{ seat: "host", sound: true, picture: true }, { seat: "guest", sound: true, picture: false }] };
  state.seats = [...state.seats, sampleSeat({ seat: "third", name: "오민석" }), sampleSeat({ seat: "gone", name: "송다은", presence: "left" })];
  expect(recordedNames(state)).toEqual({ recorded: ["이정민"], partly: ["정하늘"], not: ["오민석"] });
});

test("a guest finds the order of the conversation once something is in it: an item, or an agreed next step", () => {
  const state = sampleState();
  state.you = { ...state.you, staff: false };
  [state.agenda, state.next_steps] = [[], []];
  expect(hasOrder(state)).toBe(false);
  state.next_steps = [{ id: "s1", by: "host", text: "이력서 고치기", due: null }];
  expect(hasOrder(state)).toBe(true);
});

test("one's own tracks and those of people who are not in the room are not wanted", () => {
  const tracks = (seat: string): SeatView["tracks"] => [
    { track: `${seat}.mic`, source: "mic", muted: false, stalled: false },
    { track: `${seat}.camera`, source: "camera", muted: true, stalled: false },
  ];
  const state = sampleState();
  state.seats = [
    sampleSeat({ seat: "host", tracks: tracks("host") }),
    sampleSeat({ seat: "guest", tracks: tracks("guest") }),
    sampleSeat({ seat: "gone", presence: "left", tracks: tracks("gone") }),
  ];
  const wanted = (shown: [string, number][], hidden: boolean) =>
    wantedTracks(state, new Map(shown), hidden).map(({ track, max_height, visible }) => [track, max_height, visible]);
  expect(wanted([["guest.camera", 720]], false)).toEqual([["guest.mic", 0, true], ["guest.camera", 720, true]]);
  expect(wanted([], false)).toEqual([["guest.mic", 0, true], ["guest.camera", 360, true]]);
  expect(wanted([["guest.camera", 0]], false)).toEqual([["guest.mic", 0, true], ["guest.camera", 0, false]]);
  expect(wanted([["guest.camera", 720]], true)).toEqual([["guest.mic", 0, true], ["guest.camera", 720, false]]);
});

test("only what the server misses is stalled", () => {
  const tracks = [{ track: "guest.mic", source: "mic" as const, muted: false, stalled: true }, { track: "guest.camera", source: "camera" as const, muted: false, stalled: false }];
  expect([stalledInputs(sampleSeat({ tracks })), stalledInputs(sampleSeat())]).toEqual([["mic"], []]);
});

function line(id: string) {
  return { id, seat: "host", name: "이정민", to: "all" as const, text: "안녕하세요", at: "2026-11-23T01:00:00Z", marked: false };
}

test("through a move only what others were sending stays, nothing that was off and nobody who was away", () => {
  const track = (name: string, muted = false) => ({ track: name, source: "camera" as const, muted, stalled: false });
  const seats = [
    sampleSeat({ seat: "host", tracks: [track("host.camera")] }),
    sampleSeat({ seat: "guest", tracks: [track("guest.camera"), track("guest.screen", true)] }),
    sampleSeat({ seat: "away", presence: "reconnecting", tracks: [track("away.camera")] }),
  ];
  const state = sampleState({ seats, you: { ...sampleState().you, seat: "host" } });
  expect([...sentByOthers(state)]).toEqual(["guest.camera"]);
});
