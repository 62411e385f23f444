/** The few words of SDP (RFC 8866) the client adds to what the server answers. Pure. */

/** Asks our own Opus encoder for discontinuous transmission on the m-lines `mids` (RFC 7587, section 6.1). */
export function withOpusDtx(sdp: string, mids: ReadonlySet<string>): string {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
      const opus = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1];
      if (mid === undefined || opus === undefined || !mids.has(mid) || /usedtx=/.test(section)) return section;
      const fmtp = new RegExp(`^(a=fmtp:${opus} [^\\r\\n]*)`, "m");
      if (fmtp.test(section)) return section.replace(fmtp, "$1;usedtx=1");
      return section.replace(new RegExp(`^(a=rtpmap:${opus} [^\\r\\n]*(\\r?\\n))`, "m"), `$1a=fmtp:${opus} usedtx=1$2`);
    })
    .join("");
}
