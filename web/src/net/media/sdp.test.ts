import { expect, test } from "vitest";
import { withOpusDtx } from "./sdp";

const SDP = [
  "v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:3", "a=rtpmap:111 opus/48000/2", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=rtpmap:96 VP8/90000", "",
].join("\r\n");

test("the microphone is sent without silence, the sound of a screen as it is", () => {
  const changed = withOpusDtx(SDP, new Set(["0"]));
  expect(changed).toContain("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n");
  expect(changed.match(/usedtx/g)).toHaveLength(1);
});

test("an m-line without parameters of its own gets them", () => {
  expect(withOpusDtx(SDP, new Set(["3"]))).toContain("a=mid:3\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 usedtx=1\r\n");
});

test("asking twice changes nothing more", () => {
  const once = withOpusDtx(SDP, new Set(["0", "1", "3"]));
  expect(withOpusDtx(once, new Set(["0", "1", "3"]))).toBe(once);
});
