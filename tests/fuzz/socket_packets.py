"""A Socket.IO text packet: a violation, or a flat event of a client, without attachments, that reads the same again."""

from signaling import limited_json
from signaling.sockets import TextPacket, Violation
from tests.fuzz.inputs import bounded_time


def seeds() -> list[bytes]:
    """What clients send, and what they may not."""
    return [
        b'40/call,{"ticket":"t"}',
        b'42/call,7["chat.send",{"id":"a","to":"all","text":"\xec\x95\x88"}]',
        b"41/call,",
        b'451-/call,["x",{"_placeholder":true,"num":0}]',
        b'42/call?x=1,["x",' + b"[" * 17 + b"]" * 17 + b"]",
        b'42["x",-1.5e3,true,null,"\\u00e9\\ud800",12345678901234567890]',
    ]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken. The first character is Engine.IO's and already read."""
    text = data.decode(errors="replace")[1:]
    if not text:
        return
    packet = TextPacket(packet_type=0)
    with bounded_time():
        try:
            attachments = packet.decode(text)
        except Violation:
            return
    assert attachments == 0
    assert packet.packet_type in (0, 1, 2)
    assert depth(packet.data) <= limited_json.MAX_DEPTH
    assert limited_json.loads(limited_json.dumps(packet.data)) == packet.data


def depth(value: object) -> int:
    """How many brackets are open at most."""
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)
