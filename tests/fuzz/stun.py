"""A binding request: rejected under a counter's name, or a check whose answer another implementation reads."""

import binascii

from aioice import stun

from signaling.media.sfu.stun import FINGERPRINT_XOR, Check, Rejected, parse_check, success
from tests.fuzz.inputs import bounded_time

PASSWORD = "p" * 32
HEADER_BYTES, FINGERPRINT_BYTES = 20, 8


def seeds() -> list[bytes]:
    """What browsers send, and what they do not."""
    made = []
    for attributes in ({"USE-CANDIDATE": None}, {}, {"SOFTWARE": "x" * 40}):
        usual = {"USERNAME": "ours:theirs", "PRIORITY": 1, "ICE-CONTROLLING": 7}
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, bytes(12), {**usual, **attributes})
        message.add_message_integrity(PASSWORD.encode())
        made.append(bytes(message))
    return made


def check(data: bytes) -> None:
    """As it came, and with length and checksum put right, which a fuzzer seldom finds by itself."""
    for datagram in (data, whole(data)):
        with bounded_time():
            found = parsed(datagram)
        if found is None:
            continue
        assert len(found.transaction) == 12
        assert len(found.integrity) == 20
        assert len(found.ufrag) <= len(datagram)
        assert not found.is_signed_with("another password")
        answer = stun.parse_message(success(found, "192.0.2.1", 4321, PASSWORD))
        assert answer.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.1", 4321)
        assert answer.check_message_integrity(PASSWORD.encode())


def parsed(datagram: bytes) -> Check | None:
    """The check; None if it is rejected, under a name that may be that of a counter."""
    try:
        return parse_check(datagram)
    except Rejected as reason:
        assert str(reason).startswith("stun_")
        return None


def whole(data: bytes) -> bytes:
    """A message with this type, cookie and these attributes, whose length and fingerprint are right."""
    body = data[:2] + max(0, len(data) - HEADER_BYTES).to_bytes(2) + data[4:-FINGERPRINT_BYTES]
    checksum = binascii.crc32(body) ^ FINGERPRINT_XOR
    return body + b"\x80\x28\x00\x04" + checksum.to_bytes(4)
