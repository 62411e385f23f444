"""An up-offer: refused with one code, or answered m-line by m-line, in little time and few bytes."""

from signaling.errors import Code, MediaRefused
from signaling.media.port import Published, Source
from signaling.media.sfu.ice import Credentials
from signaling.media.sfu.sdp import Fingerprint, parse
from signaling.media.sfu.sdp_gate import UP_LIMITS, accept_offer
from signaling.media.sfu.sdp_writer import TransportLines, is_rejected, write_answer
from tests.fuzz.inputs import bounded_time, golden

PUBLISHED = [Published(str(mid), source) for mid, source in enumerate(Source)]
TRANSPORT = TransportLines(Credentials("ufrag0001", "p" * 32), Fingerprint("sha-256", "AA:BB"), ("192.0.2.1",), 40_000)


def seeds() -> list[bytes]:
    """What browsers send."""
    return golden("*-up-offer.sdp")


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    text = data.decode(errors="surrogateescape")
    published = PUBLISHED[: text.count("\nm=")]
    with bounded_time():
        try:
            accepted = accept_offer(text, published)
        except MediaRefused as refused:
            assert refused.code is Code.BAD_SDP
            return
        sources = {track.mid: track.source for track in published}
        answer = write_answer(accepted.description, sources, TRANSPORT, 2_000_000)
    assert len(answer) < 2 * UP_LIMITS.chars
    ours = parse(answer.removesuffix("\r\n").split("\r\n"))
    theirs = accepted.description.sections
    assert [section.mid for section in ours.sections] == [section.mid for section in theirs]
    assert ours.bundle == tuple(section.mid for section in theirs if not is_rejected(section))
    for answered, offered in zip(ours.sections, theirs, strict=True):
        assert not answered.sends
        assert set(answered.payload_types) <= {0, *offered.payload_types}
