"""Datagrams at the UDP port: unsigned ones change no binding, signed ones never take another peer's live address."""

import asyncio
import binascii
import hmac
from functools import cache

from signaling.media.sfu.ice import MAX_PATHS, IceAgent, Path
from signaling.media.sfu.settings import MediaNetwork
from signaling.media.sfu.stun import FINGERPRINT_XOR
from signaling.media.sfu.udp import UdpPort
from tests.fuzz.inputs import bounded_time, joined, pieces

STRANGER, ANNA_AT, BERTA_AT = (Path(-1, ("192.0.2.1", port)) for port in (1, 2, 3))
NAMED = {0: STRANGER, 1: ANNA_AT, 2: BERTA_AT}


def seeds() -> list[bytes]:
    """Each protocol from each address; signed checks, as attributes only."""
    kinds = [b"\x16\xfe\xfd" + bytes(20), b"\x80\x60" + bytes(20), b"\x40" + bytes(20), b"\x00\x01" + bytes(30), b""]
    raw = [bytes([place]) + kind for place in NAMED for kind in kinds]
    signed = [bytes([0x80 | place]) + attributes for place in NAMED for attributes in (b"", b"\x00\x25\x00\x00")]
    return [joined(*raw), joined(*signed), joined(*signed, *raw)]


@cache
def port() -> UdpPort:
    """A port; no address of the datagrams here is that of a socket of it, so nothing is sent."""

    async def made() -> UdpPort:
        return UdpPort(MediaNetwork(bind_hosts=("127.0.0.1",)), lambda: 0.0)

    return asyncio.new_event_loop().run_until_complete(made())


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    heard: list[bytes] = []
    anna, berta = (port().new_agent(lambda datagram: heard.append(bytes(datagram))) for _ in range(2))
    try:
        port().on_datagram(memoryview(signed(anna, b"", 0)), ANNA_AT)
        port().on_datagram(memoryview(signed(berta, b"", 1)), BERTA_AT)
        assert (anna.selected, berta.selected) == (ANNA_AT, BERTA_AT)
        for number, piece in enumerate(pieces(data)):
            if piece:
                take(anna, berta, piece, number)
        assert len(port()._bindings) <= 2 * MAX_PATHS
    finally:
        for agent in (anna, berta):
            port().remove(agent)
    assert not port()._bindings


def take(anna: IceAgent, berta: IceAgent, piece: bytes, number: int) -> None:
    """One datagram: whence it comes, whether Anna has signed it, and the rest."""
    path, by_anna = NAMED.get(piece[0] & 3, STRANGER), piece[0] & 0x80
    before = (dict(port()._bindings), anna.selected, berta.selected)
    datagram = signed(anna, piece[1:], number + 2) if by_anna else piece[1:]
    with bounded_time():
        port().on_datagram(memoryview(bytearray(datagram)), path)
    if not by_anna:
        assert (dict(port()._bindings), anna.selected, berta.selected) == before
    assert berta.selected == BERTA_AT
    assert port()._bindings[BERTA_AT] is berta


def signed(agent: IceAgent, attributes: bytes, number: int) -> bytes:
    """A check with these attributes before its signature."""
    username = f"{agent.local.ufrag}:x".encode()
    body = b"\x00\x06" + len(username).to_bytes(2) + username + bytes(-len(username) % 4) + attributes
    integrity = hmac.digest(agent.local.password.encode(), message(body, number, behind=24), "sha1")
    whole = message(body + b"\x00\x08\x00\x14" + integrity, number, behind=8)
    return whole + b"\x80\x28\x00\x04" + (binascii.crc32(whole) ^ FINGERPRINT_XOR).to_bytes(4)


def message(body: bytes, number: int, behind: int) -> bytes:
    """A binding request of which so many bytes are still to come."""
    return b"\x00\x01" + (len(body) + behind).to_bytes(2) + b"\x21\x12\xa4\x42" + number.to_bytes(12) + body
