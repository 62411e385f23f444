"""Datagrams before a DTLS handshake: nothing passes before a hello with our cookie, and no alert without keys ever."""

from signaling.media.sfu.client_hello import HelloGate, Verdict, opening
from tests.fuzz.inputs import bounded_time, joined, pieces

COOKIE = b"0123456789abcdefghij"
ALERT = b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x01\x00\x02\x02\x28"


def seeds() -> list[bytes]:
    """A whole handshake's beginning, and what a forger would send between."""
    first = opening()
    message = first[13:]
    with_cookie = message[:4] + b"\x00\x01" + message[6:47] + bytes([len(COOKIE)]) + COOKIE + message[48:]
    second = first[:11] + len(with_cookie).to_bytes(2) + with_cookie
    later = first[:11] + b"\x00\x10" + message[:4] + b"\x00\x01\x00\x00\x50\x00\x00\x04abcd"
    return [joined(first, second, later), joined(later, ALERT, second, ALERT), joined(second + ALERT, first)]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    gate, shown = HelloGate(COOKIE), False
    answer = gate.answer
    for datagram in pieces(data):
        with bounded_time():
            verdict = gate.judge(datagram)
        shown = shown or COOKIE in datagram
        assert verdict is not Verdict.PASS or shown, "passed without the cookie"
        assert gate.answer == answer
        if datagram[:1] == ALERT[:1] and datagram[3:5] == bytes(2):
            assert verdict is Verdict.DROP
