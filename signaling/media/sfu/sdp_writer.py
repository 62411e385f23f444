"""The two descriptions that we write: the answer to an up-offer and the down-offer. RFC 8829, 8839, 8843.

What we author stays small: VP8 and Opus only (a voice also as RED), each transport line once, in the first section.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from signaling.media.port import Source, TrackId
from signaling.media.sfu.forwarding import OutgoingStream
from signaling.media.sfu.ice import Credentials
from signaling.media.sfu.sdp import (
    AUDIO_LEVEL_URI,
    MID_URI,
    REPAIRED_RID_URI,
    RID_URI,
    SEND_TIME_URI,
    Fingerprint,
    MediaSection,
    SessionDescription,
)
from signaling.media.sfu.twcc import TRANSPORT_CC_URI
from signaling.media.sfu.up_terms import RED, red_payload_type, transport_cc_extension

OPUS, VP8 = "opus/48000/2", "VP8/90000"
DOWN_OPUS, DOWN_RED, DOWN_VP8, DOWN_RTX = 111, 63, 96, 97  # payload types towards subscribers
DOWN_SEND_TIME = 3  # header extension towards subscribers
VIDEO_FEEDBACK = ("nack", "nack pli", "ccm fir")
TAKEN_EXTENSIONS = (MID_URI, AUDIO_LEVEL_URI, RID_URI, REPAIRED_RID_URI)

_OPUS_FMTP = {
    Source.MIC: "minptime=10;useinbandfec=1;usedtx=1",
    Source.SCREEN_AUDIO: "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1;maxaveragebitrate=128000",
}


@dataclass(frozen=True, slots=True)
class TransportLines:
    """How to reach us: the same for every section of a bundle."""

    credentials: Credentials
    fingerprint: Fingerprint
    hosts: Sequence[str]
    port: int

    def lines(self, setup: str) -> list[str]:
        """Credentials, certificate and candidates; `setup` is passive in answers, actpass in offers."""
        return [
            f"a=ice-ufrag:{self.credentials.ufrag}",
            f"a=ice-pwd:{self.credentials.password}",
            f"a=fingerprint:{self.fingerprint.algorithm} {self.fingerprint.value}",
            f"a=setup:{setup}",
            *(
                f"a=candidate:{number} 1 udp {2_130_706_431 - number} {host} {self.port} typ host"
                for number, host in enumerate(self.hosts, 1)
            ),
            "a=end-of-candidates",
        ]


@dataclass(frozen=True, slots=True)
class OfferedTrack:
    """What one m-line of a down-offer carries. Browsers play tracks of one `stream` in step; `cname` is the seat."""

    track: TrackId
    source: Source
    stream: str
    cname: str
    outgoing: OutgoingStream


@dataclass(frozen=True, slots=True)
class OfferedSection:
    """One m-line of a down-offer; without a track it is inactive."""

    mid: str
    kind: str
    offered: OfferedTrack | None


def write_answer(
    offer: SessionDescription, sources: dict[str, Source], transport: TransportLines, most_bps: int
) -> str:
    """Our answer: we receive what is published (`sources` by mid), the rest is inactive, the unknown rejected.

    `most_bps` is the most that the whole connection may ever send. It stands beside each picture, because a browser
    takes the limit of any one for the limit of all.
    """
    accepted = [section.mid for section in offer.sections if not is_rejected(section)]
    transport_cc = transport_cc_extension(offer) is not None
    lines = _session_lines(accepted)
    for section in offer.sections:
        if is_rejected(section):
            lines += [
                f"m={section.kind} 0 UDP/TLS/RTP/SAVPF 0",
                "c=IN IP4 0.0.0.0",
                f"a=mid:{section.mid}",
                "a=inactive",
            ]
            continue
        receives = section.sends and section.mid in sources
        source = sources.get(section.mid, Source.MIC)
        described = _answer_section(section, "recvonly" if receives else "inactive", source, transport_cc)
        if receives and section.kind == "video":
            described.insert(2, f"b=TIAS:{most_bps}")  # RFC 3890; behind m= and c=
        lines += described
        lines += transport.lines("passive") if section.mid == accepted[0] else transport.lines("passive")[:4]
    return "\r\n".join(lines) + "\r\n"


def is_rejected(section: MediaSection) -> bool:
    """Whether we cannot take this m-line: not media, none of our codecs, or already stopped by the client."""
    codec = {"audio": OPUS, "video": VP8}.get(section.kind)
    stopped = section.port == 0 and not section.bundle_only
    return stopped or codec is None or section.payload_type(codec) is None


def write_offer(sections: Sequence[OfferedSection], version: int, transport: TransportLines) -> str:
    """The down-offer: we send each track on its own m-line."""
    lines = _session_lines([section.mid for section in sections], version)
    for number, section in enumerate(sections):
        lines += _offer_section(section)
        lines += transport.lines("actpass") if number == 0 else transport.lines("actpass")[:4]
    return "\r\n".join(lines) + "\r\n"


def _session_lines(mids: Iterable[str], version: int = 1) -> list[str]:
    return [
        "v=0",
        f"o=ieum 1 {version} IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {' '.join(mids)}",
        "a=msid-semantic: WMS *",
    ]


def _answer_section(section: MediaSection, direction: str, source: Source, transport_cc: bool) -> list[str]:
    payload_type = section.payload_type(OPUS if section.kind == "audio" else VP8) or 0
    if section.kind == "audio":
        lines = _opus_lines(payload_type, red_payload_type(section, source, payload_type), source)
    else:
        lines = _vp8_lines(payload_type, section.rtx_payload_type(payload_type))
    if transport_cc:
        lines.append(f"a=rtcp-fb:{payload_type} transport-cc")
    elif section.kind == "video":
        lines.append(f"a=rtcp-fb:{payload_type} goog-remb")
    lines += [f"a=mid:{section.mid}", f"a={direction}", "a=rtcp-mux", "a=rtcp-rsize"]
    flipped = {"sendonly": "/recvonly", "recvonly": "/sendonly", "inactive": "/inactive"}
    for taken in section.extensions:  # a direction comes back as we see it, or Firefox does not send the extension
        if taken.uri in TAKEN_EXTENSIONS or (transport_cc and taken.uri == TRANSPORT_CC_URI):
            lines.append(f"a=extmap:{taken.identifier}{flipped.get(taken.direction, '')} {taken.uri}")
    if section.rids:
        lines += [f"a=rid:{rid} recv" for rid in section.rids]
        lines.append(f"a=simulcast:recv {';'.join(section.rids)}")
    return lines


def _offer_section(section: OfferedSection) -> list[str]:
    audio = section.kind == "audio"
    source = section.offered.source if section.offered else Source.MIC
    lines = _opus_lines(DOWN_OPUS, DOWN_RED, source) if audio else _vp8_lines(DOWN_VP8, DOWN_RTX)
    lines += [f"a=mid:{section.mid}", "a=rtcp-mux", "a=rtcp-rsize"]
    if section.offered is None:
        return [*lines, "a=inactive"]
    offered = section.offered
    ssrc, rtx_ssrc = offered.outgoing.ssrc, offered.outgoing.rtx_ssrc
    lines += ["a=sendonly", f"a=msid:{offered.stream} {offered.track}"]
    if audio:
        return [*lines, f"a=ssrc:{ssrc} cname:{offered.cname}"]
    lines.append(f"a=extmap:{DOWN_SEND_TIME} {SEND_TIME_URI}")
    lines.append(f"a=rtcp-fb:{DOWN_VP8} goog-remb")  # and no transport-cc: one estimate of one line
    lines.append(f"a=ssrc-group:FID {ssrc} {rtx_ssrc}")
    return [*lines, f"a=ssrc:{ssrc} cname:{offered.cname}", f"a=ssrc:{rtx_ssrc} cname:{offered.cname}"]


def _opus_lines(payload_type: int, red: int | None, source: Source) -> list[str]:
    formats = f"{payload_type}" if red is None else f"{red} {payload_type}"  # RED is sent only where it stands first
    lines = [f"m=audio 9 UDP/TLS/RTP/SAVPF {formats}", "c=IN IP4 0.0.0.0", f"a=rtpmap:{payload_type} {OPUS}"]
    lines.append(f"a=fmtp:{payload_type} {_OPUS_FMTP.get(source, _OPUS_FMTP[Source.MIC])}")
    return lines if red is None else [*lines, f"a=rtpmap:{red} {RED}", f"a=fmtp:{red} {payload_type}/{payload_type}"]


def _vp8_lines(payload_type: int, rtx: int | None) -> list[str]:
    formats = f"{payload_type}" if rtx is None else f"{payload_type} {rtx}"
    lines = [f"m=video 9 UDP/TLS/RTP/SAVPF {formats}", "c=IN IP4 0.0.0.0", f"a=rtpmap:{payload_type} {VP8}"]
    lines += [f"a=rtcp-fb:{payload_type} {feedback}" for feedback in VIDEO_FEEDBACK]
    return lines if rtx is None else [*lines, f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={payload_type}"]
