/** The few words of SDP (RFC 8866) that the client reads. Pure. */

/** Whether `offered` asks for new paths: its ICE credentials are others than before. */
export function restartsIce(before: string | undefined, offered: string): boolean {
  return before !== undefined && iceUfrag(before) !== iceUfrag(offered);
}

const iceUfrag = (sdp: string): string | undefined => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
