"""Session descriptions as browsers write them, read once from top to bottom into what the engine needs. RFC 8866, 8829.

Never read: candidates, ICE credentials but for the ufrag (we are ICE-lite), and every attribute not named here.
What may be accepted is decided in `sdp_gate.py`; ours are written in `sdp_writer.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID_URI = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"


class Fingerprint(NamedTuple):
    """Which certificate the other side of the DTLS handshake must show (RFC 8122)."""

    algorithm: str
    value: str


@dataclass(slots=True)
class Extension:
    """One `a=extmap`; a direction is as the writer of the description sees it."""

    identifier: int
    direction: str  # "" where none is said
    uri: str


@dataclass(slots=True)
class MediaSection:
    """One m-line and what belongs to it."""

    kind: str  # audio, video, application
    port: int
    payload_types: tuple[int, ...]
    mid: str = ""
    direction: Direction = "sendrecv"
    rtcp_mux: bool = False
    bundle_only: bool = False
    ufrag: str = ""
    setup: str = ""
    fingerprint: Fingerprint | None = None
    codecs: dict[int, str] = field(default_factory=dict)  # payload type -> "VP8/90000", in the order of the m-line
    apt: dict[int, int] = field(default_factory=dict)  # RTX payload type -> the one it repeats (RFC 4588 8.6)
    red: dict[int, set[int]] = field(default_factory=dict)  # payload type -> what is inside, as in "111/111" (RFC 2198)
    transport_cc: bool = False  # whether feedback for the whole connection is offered for any payload type
    extensions: list[Extension] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)
    rtx_of: dict[int, int] = field(default_factory=dict)  # RTX SSRC -> primary SSRC (RFC 5576 4.2)
    rids: tuple[str, ...] = ()  # the layers it sends, in the order of `a=simulcast` (RFC 8853 5.1)

    @property
    def sends(self) -> bool:
        """Whether the writer of the description sends media here."""
        return self.direction in ("sendrecv", "sendonly")

    def payload_type(self, codec: str) -> int | None:
        """The first payload type of this codec; browsers offer the plain form of VP8 and Opus first."""
        return next((pt for pt in self.payload_types if self.codecs.get(pt, "").lower() == codec.lower()), None)

    def rtx_payload_type(self, payload_type: int) -> int | None:
        """The payload type under which packets of `payload_type` are sent again."""
        return next((rtx for rtx in self.payload_types if self.apt.get(rtx) == payload_type), None)

    def extension(self, uri: str) -> int | None:
        """The identifier of a header extension."""
        return next((e.identifier for e in self.extensions if e.uri == uri), None)


@dataclass(slots=True)
class SessionDescription:
    """A whole description. `origin` is the user name and session id: the same for the life of one RTCPeerConnection."""

    origin: str = ""
    bundle: tuple[str, ...] = ()
    ufrag: str = ""
    setup: str = ""
    fingerprint: Fingerprint | None = None
    sections: list[MediaSection] = field(default_factory=list)


def parse(lines: Iterable[str]) -> SessionDescription:
    """Read a description. Raises ValueError on what cannot be read; unknown lines are skipped."""
    description = SessionDescription()
    section: MediaSection | None = None
    for line in lines:
        kind, equals, value = line.partition("=")
        if not equals or len(kind) != 1:
            raise ValueError("not an SDP line")
        if kind == "m":
            section = _media(value)
            description.sections.append(section)
        elif kind == "o":
            description.origin = " ".join(value.split()[:2])
        elif kind == "a":
            name, _, argument = value.partition(":")
            if not _read_shared(section or description, name, argument):
                if section is None:
                    _read_session(description, name, argument)
                else:
                    _read_media(section, name, argument)
    return description


def _media(value: str) -> MediaSection:
    kind, port, _protocol, *formats = value.split()
    return MediaSection(kind, _number(port, 65_535), tuple(_number(f, 127) for f in formats if f.isdecimal()))


def _read_shared(target: "MediaSection | SessionDescription", name: str, argument: str) -> bool:
    """Attributes that may stand in a section or, for all of them, above; Firefox does both."""
    match name:
        case "ice-ufrag":
            target.ufrag = argument
        case "setup":
            target.setup = argument
        case "fingerprint":
            algorithm, value = argument.split()
            target.fingerprint = Fingerprint(algorithm.lower(), value)
        case _:
            return False
    return True


def _read_session(description: SessionDescription, name: str, argument: str) -> None:
    if name == "group" and argument.startswith("BUNDLE"):
        description.bundle = tuple(argument.split()[1:])


def _read_media(section: MediaSection, name: str, argument: str) -> None:
    match name:
        case "mid":
            section.mid = argument
        case "rtpmap" | "fmtp" | "rtcp-fb":
            _read_codec(section, name, argument)
        case "extmap":
            number, uri = argument.split()[:2]
            identifier, _, direction = number.partition("/")
            section.extensions.append(Extension(_number(identifier, 255), direction, uri))
        case "ssrc" | "ssrc-group":
            _read_ssrc(section, name, argument)
        case "simulcast":
            section.rids = _simulcast(argument)
        case "rtcp-mux":
            section.rtcp_mux = True
        case "bundle-only":
            section.bundle_only = True
        case "sendrecv" | "sendonly" | "recvonly" | "inactive":
            section.direction = name


def _read_ssrc(section: MediaSection, name: str, argument: str) -> None:
    first, *rest = argument.split()
    if name == "ssrc-group":
        if first == "FID" and len(rest) == 2:
            section.rtx_of[_number(rest[1], 0xFFFFFFFF)] = _number(rest[0], 0xFFFFFFFF)
    elif (ssrc := _number(first, 0xFFFFFFFF)) not in section.ssrcs:
        section.ssrcs.append(ssrc)


def _read_codec(section: MediaSection, name: str, argument: str) -> None:
    match name:
        case "rtpmap":
            payload_type, codec = argument.split(maxsplit=1)
            section.codecs[_number(payload_type, 127)] = codec
        case "fmtp":
            _read_fmtp(section, argument)
        case "rtcp-fb":
            section.transport_cc |= argument.endswith(" transport-cc")


def _read_fmtp(section: MediaSection, argument: str) -> None:
    payload_type, _, parameters = argument.partition(" ")
    if parameters.startswith("apt="):
        repeated = parameters.removeprefix("apt=").partition(";")[0]
        section.apt[_number(payload_type, 127)] = _number(repeated, 127)
    elif parameters and not parameters.strip("0123456789/"):
        section.red[_number(payload_type, 127)] = {_number(inside, 127) for inside in parameters.split("/")}


def _simulcast(argument: str) -> tuple[str, ...]:
    """The layers to be sent; of alternatives the first, whether it is paused (~) for now or not."""
    words = argument.split()
    sent = dict(zip(words[::2], words[1::2], strict=False)).get("send", "")
    return tuple(layer.partition(",")[0].lstrip("~") for layer in sent.split(";")) if sent else ()


def _number(text: str, largest: int) -> int:
    number = int(text)
    if not 0 <= number <= largest:
        raise ValueError("number out of range")
    return number
