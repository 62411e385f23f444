import { expect, test } from "vitest";
import { restartsIce } from "./sdp";

test("an offer restarts ICE when its credentials are others than before, and not when it is the first", () => {
  const offer = (ufrag: string) => `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:${ufrag}\r\na=ice-pwd:p\r\n`;
  expect(restartsIce(offer("agent0001"), offer("agent0002"))).toBe(true);
  expect(restartsIce(offer("agent0001"), offer("agent0001"))).toBe(false);
  expect(restartsIce(undefined, offer("agent0001"))).toBe(false);
});
