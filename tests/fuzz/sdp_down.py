"""A down-answer: refused with one code, or exactly the m-lines that were offered, in little time."""

from signaling.errors import Code, MediaRefused
from signaling.media.sfu.sdp_gate import FINGERPRINT_ALGORITHMS, accept_answer
from tests.fuzz.inputs import bounded_time, golden


def seeds() -> list[bytes]:
    """What browsers send."""
    return golden("*-down-answer.sdp")


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    text = data.decode(errors="surrogateescape")
    mids = [str(number) for number in range(text.count("\nm="))]
    with bounded_time():
        try:
            accepted = accept_answer(text, mids)
        except MediaRefused as refused:
            assert refused.code is Code.BAD_SDP
            return
    assert [section.mid for section in accepted.description.sections] == mids
    assert accepted.fingerprint.algorithm in FINGERPRINT_ALGORITHMS
    assert accepted.ufrag
