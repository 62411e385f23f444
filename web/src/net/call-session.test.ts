import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sampleSeat, sampleState } from "../state/call.sample";
import type { Push } from "../state/call";
import { Store } from "../state/store";
import { CallSession } from "./call-session";
import type { CallSocketOptions } from "./call-socket";
import type { LocalMedia } from "./media/local-media";
import { SamplePeerConnection, withSamplePeerConnections } from "./media/peer-connection.sample";
import { BOTH_FOR_MS } from "./media/take-over";

const socket = vi.hoisted(() => ({ push: (() => undefined) as (push: Push) => void, asked: [] as string[] }));
vi.mock("./call-socket", () => ({
  CallSocket: class {
    status = new Store("open");
    waitingFor = new Store(null);
    constructor({ onPush }: CallSocketOptions) {
      socket.push = onPush;
    }
    request = async (event: string) => {
      socket.asked.push(event);
      return {};
    };
    reopen = () => undefined;
    close = () => undefined;
  },
}));

const LOCAL = { tracks: new Store({}), state: new Store({}), outgoing: () => ({ track: null, muted: true }) } as unknown as LocalMedia;
const STATE = sampleState({ you: { ...sampleState().you, role: "observer" }, seats: [sampleSeat({ seat: "host" }), sampleSeat()] });
const OFFER = { neg: 1, sdp: "a", map: [{ mid: "a", track: "guest.camera", seat: "guest", source: "camera" as const }] };

let session: CallSession;
const shownId = () => session.incoming.get().get("guest.camera")?.media.id;
const settled = () => vi.advanceTimersByTimeAsync(100);

beforeEach(() => {
  vi.useFakeTimers();
  socket.asked = [];
  withSamplePeerConnections();
  session = new CallSession({ local: LOCAL, ticket: async () => "", resume: { load: () => null, save: () => undefined } });
});
afterEach(() => {
  session.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The two down connections of a call whose server wants the first one built anew, and has offered the second. */
async function rebuilding(): Promise<[SamplePeerConnection, SamplePeerConnection]> {
  socket.push({ event: "state", data: STATE });
  socket.push({ event: "down.offer", data: OFFER });
  await settled();
  const shown = shownId();
  socket.push({ event: "media.reset", data: { pc: "down" } });
  socket.push({ event: "down.offer", data: { ...OFFER, neg: 2 } });
  await settled();
  const [before, after] = SamplePeerConnection.made;
  if (before === undefined || after === undefined) throw new Error("no second down connection was made");
  expect(shown).toBe(before.lines[0]?.receiver.track.id);
  return [before, after];
}

test("a picture stays in sight while its connection is built anew, until it moves on the new one", async () => {
  const [before, after] = await rebuilding();
  expect([shownId(), before.connectionState]).toEqual([before.lines[0]?.receiver.track.id, "new"]);
  const fresh = after.lines[0]?.receiver.track.id;
  after.stats = [{ type: "inbound-rtp", kind: "video", framesDecoded: 1, trackIdentifier: fresh }];
  await settled();
  expect(shownId()).toBe(fresh);
  await vi.advanceTimersByTimeAsync(BOTH_FOR_MS);
  expect(before.connectionState).toBe("closed");
});

test("what does not move in time on the connection built anew is no longer shown from the old one", async () => {
  const [before, after] = await rebuilding();
  await vi.advanceTimersByTimeAsync(BOTH_FOR_MS);
  expect(shownId()).toBe(after.lines[0]?.receiver.track.id);
  expect(before.connectionState).toBe("closed");
});

test("going away ends the old connection as well as the new one", async () => {
  const [before, after] = await rebuilding();
  session.close();
  expect([before.connectionState, after.connectionState]).toEqual(["closed", "closed"]);
});

test("a call that moves to another server keeps both old connections until the new ones had their time", async () => {
  const state = { ...STATE, you: sampleState().you };
  socket.push({ event: "state", data: state });
  socket.push({ event: "down.offer", data: OFFER });
  await settled();
  socket.push({ event: "state", data: state });
  socket.push({ event: "down.offer", data: OFFER });
  await settled();
  const states = () => SamplePeerConnection.made.map(({ connectionState }) => connectionState);
  expect(states()).toEqual(["new", "new", "new", "new"]);
  await vi.advanceTimersByTimeAsync(BOTH_FOR_MS);
  expect(states()).toEqual(["closed", "closed", "new", "new"]);
});

const KEPT = { ...STATE, media: { ...STATE.media, kept: true } };

test("who comes back to connections that stand keeps them, an observer too", async () => {
  socket.push({ event: "state", data: STATE });
  socket.push({ event: "down.offer", data: OFFER });
  await settled();
  const shown = shownId();
  socket.push({ event: "state", data: KEPT });
  await settled();
  expect([SamplePeerConnection.made.length, shownId()]).toEqual([1, shown]);
});

test("what the server gave up meanwhile is built anew, and the offer behind that is answered by the new one", async () => {
  socket.push({ event: "state", data: STATE });
  socket.push({ event: "down.offer", data: OFFER });
  await settled();
  socket.push({ event: "state", data: KEPT });
  socket.push({ event: "media.reset", data: { pc: "down" } });
  socket.push({ event: "down.offer", data: { ...OFFER, neg: 2, sdp: "ab" } });
  await settled();
  expect(SamplePeerConnection.made.map(({ currentRemoteDescription }) => currentRemoteDescription?.sdp)).toEqual(["a", "ab"]);
});

test("a page that was loaded again gives up the connections it does not have, and what is said of them holds for none", async () => {
  socket.push({ event: "state", data: KEPT });
  socket.push({ event: "down.paused", data: { tracks: ["guest.camera"] } });
  await settled();
  expect([socket.asked, session.view.get().paused]).toEqual([["media.reset", "media.reset", "down.want"], []]);
});
