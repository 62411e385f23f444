import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DownConnection, type Incoming } from "./down";
import { SamplePeerConnection, withSamplePeerConnections } from "./peer-connection.sample";
import type { Send } from "./up";

const offer = (neg: number, sdp = "a") => ({ neg, sdp, map: [{ mid: "a", track: "guest.camera", seat: "guest", source: "camera" as const }] });

let answered: number[];
let incoming: ReadonlyMap<string, Incoming>;
const send = (async (_event: string, { neg }: { neg: number }) => {
  answered.push(neg);
  return {};
}) as unknown as Send;

function connection(): DownConnection {
  return new DownConnection({ iceServers: () => [], send, onIncoming: (all) => (incoming = all), onPathState: () => undefined });
}
const shownId = () => incoming.get("guest.camera")?.media.id;

beforeEach(() => {
  [answered, incoming] = [[], new Map()];
  withSamplePeerConnections();
});
afterEach(() => void vi.unstubAllGlobals());

test("an offer that is made again, as its answer may have been lost, is answered again and changes nothing", async () => {
  const down = connection();
  await down.answer(offer(1));
  const shown = shownId();
  await down.answer(offer(1));
  expect(answered).toEqual([1, 1]);
  expect([shownId(), SamplePeerConnection.made[0]?.lines.length]).toEqual([shown, 1]);
});

test("an offer older than one that has come is not answered", async () => {
  const down = connection();
  await down.answer(offer(2));
  await down.answer(offer(1, "b"));
  expect([answered, SamplePeerConnection.made[0]?.currentRemoteDescription?.sdp]).toEqual([[2], "a"]);
});

test("a connection that is given up while it negotiates shows nothing more and agrees to nothing", async () => {
  const down = connection();
  const answering = down.answer(offer(1));
  await Promise.resolve();
  down.retire();
  await answering;
  expect([answered, incoming.size]).toEqual([[], 0]);
});
