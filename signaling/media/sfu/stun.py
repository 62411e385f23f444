"""STUN binding requests and their answers, bytes in and bytes out. RFC 8489, as far as an ICE-lite agent needs it.

What a check means for a peer is decided in `ice.py`.
"""

import binascii
import hmac
import socket
import struct
from dataclasses import dataclass

BINDING_REQUEST, BINDING_SUCCESS = 0x0001, 0x0101
MAGIC_COOKIE = 0x2112A442
USERNAME, MESSAGE_INTEGRITY, XOR_MAPPED_ADDRESS, USE_CANDIDATE, FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x0025, 0x8028
FINGERPRINT_XOR = 0x5354554E

_COOKIE = MAGIC_COOKIE.to_bytes(4)
_IPV4_MAPPED = bytes(10) + b"\xff\xff"
_HEADER_BYTES = 20
_INTEGRITY_BYTES = 24  # the attribute, whole
_FINGERPRINT_BYTES = 8  # the attribute, whole
_MIN_CHECK_BYTES = _HEADER_BYTES + _INTEGRITY_BYTES + _FINGERPRINT_BYTES
_MAX_CHECK_BYTES = 548  # browsers send 90 to 150
_MAX_ATTRIBUTES = 16  # browsers send 6 to 10; a hundred empty ones cost ten times what a check does


class Rejected(Exception):
    """A datagram that is not accepted. Its text is the name of a counter."""


@dataclass(frozen=True, slots=True)
class Check:
    """A connectivity check as it arrived; not yet known to be genuine."""

    transaction: bytes
    ufrag: str  # ours: the part of USERNAME before the colon
    nominates: bool
    signed: bytes  # what MESSAGE-INTEGRITY covers
    integrity: bytes

    def is_signed_with(self, password: str) -> bool:
        """Whether the sender knew our ICE password."""
        return hmac.compare_digest(self.integrity, hmac.digest(password.encode(), self.signed, "sha1"))


def parse_check(datagram: bytes) -> Check:
    """Read a binding request; raises `Rejected`. A flood of junk ends at the length or at the checksum."""
    if not _MIN_CHECK_BYTES <= len(datagram) <= _MAX_CHECK_BYTES:
        raise Rejected("stun_size")
    kind, length, cookie = struct.unpack_from("!HHI", datagram)
    if kind != BINDING_REQUEST or cookie != MAGIC_COOKIE or length != len(datagram) - _HEADER_BYTES:
        raise Rejected("stun_not_a_check")
    if datagram[-_FINGERPRINT_BYTES:] != _fingerprint(datagram[:-_FINGERPRINT_BYTES]):
        raise Rejected("stun_fingerprint")
    return _read_attributes(datagram)


def _read_attributes(datagram: bytes) -> Check:
    username, nominates = b"", False
    position, end = _HEADER_BYTES, len(datagram) - _FINGERPRINT_BYTES
    for _ in range(_MAX_ATTRIBUTES):
        if position + 4 > end:
            break
        kind, size = struct.unpack_from("!HH", datagram, position)
        if position + 4 + size > end:
            break
        value = datagram[position + 4 : position + 4 + size]
        if kind == MESSAGE_INTEGRITY and size == _INTEGRITY_BYTES - 4:  # nothing after it is signed: stop here
            ufrag = username.partition(b":")[0].decode("ascii", "replace")
            signed = _with_length(datagram[:position], position - _HEADER_BYTES + _INTEGRITY_BYTES)
            return Check(datagram[8:_HEADER_BYTES], ufrag, nominates, signed, value)
        if kind == USERNAME:
            username = value
        elif kind == USE_CANDIDATE:
            nominates = True
        position += 4 + size + (-size % 4)
    raise Rejected("stun_unsigned")


def success(check: Check, host: str, port: int, password: str) -> bytes:
    """The answer to a check: the address we saw it come from, signed."""
    packed = _packed(host)
    pad = (_COOKIE + check.transaction)[: len(packed)]
    mapped = struct.pack("!BBH", 0, 1 if len(packed) == 4 else 2, port ^ MAGIC_COOKIE >> 16)
    mapped += (int.from_bytes(packed) ^ int.from_bytes(pad)).to_bytes(len(packed))
    body = struct.pack("!HHI", BINDING_SUCCESS, 0, MAGIC_COOKIE) + check.transaction
    body += struct.pack("!HH", XOR_MAPPED_ADDRESS, len(mapped)) + mapped
    body = _with_length(body, len(body) - _HEADER_BYTES + _INTEGRITY_BYTES)
    body += struct.pack("!HH", MESSAGE_INTEGRITY, 20) + hmac.digest(password.encode(), body, "sha1")
    body = _with_length(body, len(body) - _HEADER_BYTES + _FINGERPRINT_BYTES)
    return body + _fingerprint(body)


def _fingerprint(body: bytes) -> bytes:
    """The FINGERPRINT attribute of a body whose length field already counts it."""
    return struct.pack("!HHI", FINGERPRINT, 4, binascii.crc32(body) ^ FINGERPRINT_XOR)


def _with_length(body: bytes, length: int) -> bytes:
    return body[:2] + struct.pack("!H", length) + body[4:]


def _packed(host: str) -> bytes:
    """A dual-stack socket reports IPv4 peers as ::ffff:a.b.c.d; they must be told a.b.c.d."""
    if ":" not in host:
        return socket.inet_pton(socket.AF_INET, host)
    packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    return packed.removeprefix(_IPV4_MAPPED)
