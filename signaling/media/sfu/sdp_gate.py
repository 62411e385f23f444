"""Which descriptions of clients are let in: limits before anything is read, sense after. Raises `MediaRefused` alone.

The limits are a few times what browsers send: microphone, camera, screen and its sound from Chromium are 62 rtpmap
and 102 rtcp-fb; its answer to eleven people is 22 m-lines, 580 lines and 21.7 KB.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from signaling.errors import Code, MediaRefused
from signaling.media.port import Published
from signaling.media.sfu.sdp import Fingerprint, MediaSection, SessionDescription, parse

MAX_DOWN_SECTIONS = 48
MAX_LINE_CHARS = 1024
FINGERPRINT_ALGORITHMS = ("sha-256", "sha-384", "sha-512")
MAX_MID_CHARS = 16
MAX_LAYERS = 3
MAX_RID_CHARS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a description may be."""

    chars: int
    lines: int
    by_prefix: tuple[tuple[str, int], ...]  # lines that begin so, at most


UP_LIMITS = Limits(
    chars=24 * 1024,
    lines=1200,
    by_prefix=(
        ("m=", 8),
        ("a=rtpmap", 160),
        ("a=rtcp-fb", 256),
        ("a=extmap", 160),
        ("a=ssrc", 128),
        ("a=fmtp", 160),
        ("a=rid", 24),
    ),
)
DOWN_LIMITS = Limits(
    chars=56 * 1024,
    lines=2400,
    by_prefix=(("m=", MAX_DOWN_SECTIONS), ("a=rtpmap", 480), ("a=rtcp-fb", 960), ("a=extmap", 480), ("a=ssrc", 96)),
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A description that passed: how to reach the other side's DTLS, and the whole of it."""

    description: SessionDescription
    fingerprint: Fingerprint
    ufrag: str


def accept_offer(sdp: str, published: Sequence[Published]) -> Accepted:
    """An up-offer in which every published m-line exists, has its source's kind and is named once."""
    accepted = _accept(_read(sdp, UP_LIMITS), setups=("actpass", "active"))
    kinds = {section.mid: section.kind for section in accepted.description.sections}
    if any(kinds.get(track.mid) != track.source.kind for track in published):
        raise _refused("a published m-line is missing or of another kind")
    if any(not _is_simulcast(section) for section in accepted.description.sections if section.rids):
        raise _refused("simulcast needs up to three layers of video, each with a name of its own")
    if len({track.mid for track in published}) < len(published) or len({t.source for t in published}) < len(published):
        raise _refused("an m-line or a source is published twice")
    return accepted


def accept_answer(sdp: str, mids: Sequence[str]) -> Accepted:
    """A down-answer with exactly the m-lines that we offered, from a client that begins the handshake."""
    accepted = _accept(_read(sdp, DOWN_LIMITS), setups=("active",))
    if [section.mid for section in accepted.description.sections] != list(mids):
        raise _refused("the m-lines are not those of the offer")
    return accepted


def _read(sdp: str, limits: Limits) -> SessionDescription:
    if len(sdp) > limits.chars:
        raise _refused("too large")
    lines = [line.rstrip("\r") for line in sdp.split("\n")]
    lines = lines[:-1] if lines[-1] == "" else lines
    if len(lines) > limits.lines or max(map(len, lines), default=0) > MAX_LINE_CHARS:
        raise _refused("too many lines, or one too long")
    prefixes = Counter("m=" if line.startswith("m=") else line.partition(":")[0] for line in lines)
    prefixes["a=ssrc"] += prefixes["a=ssrc-group"]
    if any(prefixes[prefix] > most for prefix, most in limits.by_prefix):
        raise _refused("too many of one kind of line")
    try:
        return parse(lines)
    except ValueError as error:  # never told to the client word for word
        raise _refused("unreadable") from error


def _accept(description: SessionDescription, setups: tuple[str, ...]) -> Accepted:
    mids = [section.mid for section in description.sections]
    if not mids or not all(_is_token(mid) for mid in mids) or len(set(mids)) < len(mids):
        raise _refused("every m-line needs a mid of its own")
    used = [section for section in description.sections if section.port or section.bundle_only]
    if not used or any(section.mid not in description.bundle for section in used):
        raise _refused("all m-lines must be in one BUNDLE group")
    if any(not section.rtcp_mux for section in used if section.kind != "application"):
        raise _refused("rtcp-mux is needed")
    first = next(section for section in used if section.mid == description.bundle[0] or section is used[0])
    fingerprint = first.fingerprint or description.fingerprint
    ufrag = first.ufrag or description.ufrag
    if fingerprint is None or fingerprint.algorithm not in FINGERPRINT_ALGORITHMS or not ufrag:
        raise _refused("a fingerprint and an ice-ufrag are needed")
    if (first.setup or description.setup) not in setups:
        raise _refused("the client must be able to begin the DTLS handshake")
    return Accepted(description, fingerprint, ufrag)


def _is_simulcast(section: MediaSection) -> bool:
    rids = section.rids
    named = all(0 < len(rid) <= MAX_RID_CHARS and rid.isascii() and rid.isalnum() for rid in rids)
    return named and len(set(rids)) == len(rids) <= MAX_LAYERS and section.kind == "video"


def _is_token(mid: str) -> bool:
    return 0 < len(mid) <= MAX_MID_CHARS and mid.isascii() and all(c.isalnum() or c in "-_.{}" for c in mid)


def _refused(why: str) -> MediaRefused:
    return MediaRefused(Code.BAD_SDP, f"session description refused: {why}")
