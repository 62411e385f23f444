"""Who may begin a DTLS handshake: only who repeats a cookie that we sent to the peer's address. RFC 6347 4.2.1. Pure.

A source address can be forged, and a forged ClientHello that came before the peer's own would be answered in its place.
So a first ClientHello is answered with our cookie and otherwise forgotten; the cookie is random for each peer, and who
forges an address does not see what is sent there. Every answer is the same datagram, so forged ones change nothing for
the peer either. OpenSSL is shown only what has passed here; `opening` brings it to where it expects the second hello.
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

COOKIE_BYTES = 20
_ALERT, _HANDSHAKE = 21, 22
_CLIENT_HELLO, _HELLO_VERIFY_REQUEST = 1, 3
_RECORD_HEADER_BYTES, _MESSAGE_HEADER_BYTES = 13, 12
_SESSION_ID_AT = 34  # behind version and random
_DTLS_1_0, _DTLS_1_2 = b"\xfe\xff", b"\xfe\xfd"


class Verdict(Enum):
    """What becomes of a datagram of DTLS records."""

    PASS = "pass"  # noqa: S105
    ANSWER = "answer"  # with `HelloGate.answer`
    DROP = "drop"


class _Record(NamedTuple):
    """One record; epoch 0 is what is sent before there are keys."""

    kind: int
    epoch: int
    body: bytes


class HelloGate:
    """Stands before the handshake of one peer. `cookie` is its secret."""

    def __init__(self, cookie: bytes) -> None:
        self.answer = _message(_HELLO_VERIFY_REQUEST, _DTLS_1_0 + bytes([len(cookie)]) + cookie)
        self._cookie = cookie
        self._open = False

    def judge(self, datagram: bytes) -> Verdict:
        """Whether the handshake may see this datagram. Never raises."""
        try:
            records = list(_records(datagram))
        except ValueError:
            return Verdict.DROP
        if any(record.kind == _ALERT and record.epoch == 0 for record in records):
            return Verdict.DROP  # anybody can write one: a handshake that the peer gives up ends by its timeout
        hellos = [record.body for record in records if _is_hello(record)]
        if any(_is_first(hello) for hello in hellos):
            return Verdict.DROP if self._open else Verdict.ANSWER
        if hellos and all(self._repeats_cookie(hello) for hello in hellos):
            self._open = True
            return Verdict.PASS
        return Verdict.PASS if self._open and not hellos else Verdict.DROP

    def _repeats_cookie(self, hello: bytes) -> bool:
        """Whether the cookie is in it; a later fragment, which has none, counts once the first one has come."""
        if int.from_bytes(hello[6:9]):
            return self._open
        message = hello[_MESSAGE_HEADER_BYTES:]
        if len(message) <= _SESSION_ID_AT:
            return False
        at = _SESSION_ID_AT + 1 + message[_SESSION_ID_AT]
        return message[at : at + 1 + len(self._cookie)] == bytes([len(self._cookie)]) + self._cookie


def opening() -> bytes:
    """A first ClientHello of ours, for a handshake that is to wait for the second; what is in it is forgotten."""
    suites, compression = b"\x00\x02\xc0\x2b", b"\x01\x00"  # ECDHE-ECDSA-AES128-GCM-SHA256; none
    return _message(_CLIENT_HELLO, _DTLS_1_2 + bytes(32) + b"\x00" + b"\x00" + suites + compression)


def is_hello_verify_request(datagram: bytes) -> bool:
    """Whether a handshake asks for a cookie; the gate has done so already."""
    return datagram[0] == _HANDSHAKE and datagram[_RECORD_HEADER_BYTES] == _HELLO_VERIFY_REQUEST


def _message(kind: int, body: bytes) -> bytes:
    """A handshake message that is the first of its sender, whole in one record."""
    size = len(body).to_bytes(3)
    message = bytes([kind]) + size + bytes(2) + bytes(3) + size + body
    return bytes([_HANDSHAKE]) + _DTLS_1_0 + bytes(8) + len(message).to_bytes(2) + message


def _records(datagram: bytes) -> Iterator[_Record]:
    at = 0
    while at < len(datagram):
        body_at = at + _RECORD_HEADER_BYTES
        end = body_at + int.from_bytes(datagram[at + 11 : body_at])
        if body_at > len(datagram) or end > len(datagram):
            raise ValueError("a DTLS record beyond the datagram")
        yield _Record(datagram[at], int.from_bytes(datagram[at + 3 : at + 5]), datagram[body_at:end])
        at = end


def _is_hello(record: _Record) -> bool:
    return record.kind == _HANDSHAKE and record.epoch == 0 and record.body[:1] == bytes([_CLIENT_HELLO])


def _is_first(hello: bytes) -> bool:
    return int.from_bytes(hello[4:6]) == 0
