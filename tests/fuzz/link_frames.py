"""A frame between web and node: a protocol error, or a frame that travels again as the same."""

from signaling.errors import Code, ProtocolError
from signaling.frames import AnyFrame, ConnEvent, ConnOpen, Facts, Hello, KeysWanted, decode, encode
from tests.fuzz.inputs import bounded_time


def seeds() -> list[bytes]:
    """Some of each direction."""
    frames: list[AnyFrame] = [
        Hello(version=1, name="node-0"),
        ConnOpen(conn="c", call="c1", seat="kim", via="resume", token="secret"),
        ConnEvent(conn="c", id=1, event="chat.send", data={"text": ["\u1112", 1.5, None, True]}),
        Facts(call="c1", epoch=1, facts=[{"run": 1, "seq": 2, "kind": "left"}]),
        KeysWanted(call="c1", count=4),
    ]
    return [encode(frame).encode() for frame in frames]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    with bounded_time():
        try:
            frame = decode(data)
        except ProtocolError as error:
            assert error.code is Code.MALFORMED
            assert len(error.message) < 200
            return
        text = encode(frame)
    assert len(text) <= 8 * len(data) + 200
    assert encode(decode(text)) == text
