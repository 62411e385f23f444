"""What a browser presents to join: refused, or a ticket, or a resume token taken apart without anything lost."""

import json

from signaling import limited_json
from signaling.errors import Code, SignalingError
from signaling.presented import MAX_SECRET_CHARS, Ticket, read_presented
from tests.fuzz.inputs import bounded_time


def seeds() -> list[bytes]:
    """Good ones, and almost good ones."""
    presented = [{"ticket": "t" * 43}, {"resume": "node-0.c1.song.secret"}, {"resume": "a.b"}, {"ticket": "t", "x": 1}]
    return [json.dumps(each).encode() for each in [*presented, None, []]]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    try:
        auth = limited_json.loads(data)
    except limited_json.JsonRefused:
        return
    with bounded_time():
        try:
            presented = read_presented(auth)
        except SignalingError as error:
            assert error.code in (Code.AUTH_REQUIRED, Code.RESUME_INVALID)
            return
    if isinstance(presented, Ticket):
        assert auth == {"ticket": presented.secret}
    else:
        token = ".".join((presented.node, presented.call, presented.seat, presented.secret))
        assert auth == {"resume": token}
        assert len(token) <= MAX_SECRET_CHARS
