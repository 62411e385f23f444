"""What a line must understand of an IP packet, and what a router does with one that is too long.

RFC 791 and 792 (IPv4, ICMP), RFC 8200 and 4443 (IPv6, ICMPv6), RFC 1191 and 8201 (path MTU discovery). Pure.
"""

import struct
from dataclasses import dataclass
from ipaddress import ip_address

ICMP, TCP, UDP, FRAGMENT, ICMPV6 = 1, 6, 17, 44, 58
DONT_FRAGMENT, MORE_FRAGMENTS, OFFSET = 0x4000, 0x2000, 0x1FFF
QUOTED_BYTES_V4 = 548  # so that the answer fits into the 576 bytes that every host takes
QUOTED_BYTES_V6 = 1232  # so that it fits into 1,280


@dataclass(frozen=True)
class Headers:
    """Whose packet it is. Ports are None where there are none to read, as in a later fragment."""

    version: int
    protocol: int
    source_port: int | None
    destination_port: int | None
    crosses_routers: bool  # False: multicast and link-local stay on their own cable
    fragmentable: bool  # whether a router may cut it; never in IPv6
    ports_at: int | None  # where the source port is in the packet


def headers(packet: bytes) -> Headers:
    """Read a packet as the kernel made it. Raises ValueError if it is none."""
    if len(packet) >= 20 and packet[0] >> 4 == 4:
        return _headers_v4(packet)
    if len(packet) >= 40 and packet[0] >> 4 == 6:
        return _headers_v6(packet)
    raise ValueError("neither IPv4 nor IPv6")


def _headers_v4(packet: bytes) -> Headers:
    flags = int.from_bytes(packet[6:8])
    begin = (packet[0] & 15) * 4
    source_port, destination_port = _ports(packet, packet[9], begin, flags & OFFSET)
    crosses = packet[16] < 224 and packet[16:18] != b"\xa9\xfe"
    ports_at = None if source_port is None else begin
    return Headers(4, packet[9], source_port, destination_port, crosses, not flags & DONT_FRAGMENT, ports_at)


def _headers_v6(packet: bytes) -> Headers:
    protocol, begin, offset = packet[6], 40, 0
    if protocol == FRAGMENT and len(packet) >= 48:
        protocol, begin, offset = packet[40], 48, int.from_bytes(packet[42:44]) >> 3
    source_port, destination_port = _ports(packet, protocol, begin, offset)
    crosses = packet[24] != 0xFF and int.from_bytes(packet[24:26]) & 0xFFC0 != 0xFE80
    ports_at = None if source_port is None else begin
    return Headers(6, protocol, source_port, destination_port, crosses, fragmentable=False, ports_at=ports_at)


def _ports(packet: bytes, protocol: int, begin: int, offset: int) -> tuple[int | None, int | None]:
    if offset or protocol not in (TCP, UDP) or len(packet) < begin + 4:
        return None, None
    return int.from_bytes(packet[begin : begin + 2]), int.from_bytes(packet[begin + 2 : begin + 4])


def with_port(packet: bytes, at: int, datagram_at: int, port: int) -> bytes:
    """A UDP packet with another port at byte `at`, its checksum kept right (RFC 1624).

    Its datagram begins at byte `datagram_at`.
    """
    summed_at = datagram_at + 6
    old, summed = int.from_bytes(packet[at : at + 2]), int.from_bytes(packet[summed_at : summed_at + 2])
    changed = packet[:at] + port.to_bytes(2) + packet[at + 2 :]
    if summed == 0:  # IPv4 without a checksum
        return changed
    total = (~summed & 0xFFFF) + (~old & 0xFFFF) + port
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return changed[:summed_at] + (total or 0xFFFF).to_bytes(2) + changed[summed_at + 2 :]


def too_big(packet: bytes, mtu: int) -> bytes:
    """The ICMP error that tells the sender of `packet` to send no more than `mtu` bytes at once."""
    if packet[0] >> 4 == 4:
        message = struct.pack(">BBHHH", 3, 4, 0, 0, mtu) + packet[:QUOTED_BYTES_V4]
        message = message[:2] + checksum(message) + message[4:]
        return header_v4(ICMP, packet[16:20], packet[12:16], len(message)) + message
    message = struct.pack(">BBHI", 2, 0, 0, mtu) + packet[:QUOTED_BYTES_V6]
    source, destination = packet[24:40], packet[8:24]
    pseudo_header = source + destination + struct.pack(">II", len(message), ICMPV6)
    message = message[:2] + checksum(pseudo_header + message) + message[4:]
    return struct.pack(">IHBB", 6 << 28, len(message), ICMPV6, 64) + source + destination + message


def fragments(packet: bytes, mtu: int) -> list[bytes]:
    """An IPv4 packet in pieces of at most `mtu` bytes, each with the header of the whole."""
    size = (packet[0] & 15) * 4
    header, payload = packet[:size], packet[size:]
    step = (mtu - size) & ~7  # offsets count in eights
    flags = int.from_bytes(header[6:8])
    pieces = []
    for begin in range(0, len(payload), step):
        piece = payload[begin : begin + step]
        more = MORE_FRAGMENTS if begin + step < len(payload) else flags & MORE_FRAGMENTS
        offset = (flags & OFFSET) + begin // 8
        pieces.append(_summed(header[:2] + struct.pack(">H", size + len(piece)) + header[4:6]
                              + struct.pack(">H", more | offset) + header[8:]) + piece)  # fmt: skip
    return pieces


def header_v4(protocol: int, source: bytes, destination: bytes, payload_bytes: int, flags: int = 0) -> bytes:
    """A header without options."""
    fixed = struct.pack(">BBHHHBBH", 0x45, 0, 20 + payload_bytes, 0, flags, 64, protocol, 0)
    return _summed(fixed + source + destination)


def udp_packet(source: tuple[str, int], destination: tuple[str, int], payload: bytes, *, whole: bool = True) -> bytes:
    """A datagram as the kernel would send it, without its UDP checksum; `whole` forbids routers to cut it (IPv4)."""
    sender, receiver = ip_address(source[0]).packed, ip_address(destination[0]).packed
    datagram = struct.pack(">HHHH", source[1], destination[1], 8 + len(payload), 0) + payload
    if len(sender) == 4:
        return header_v4(UDP, sender, receiver, len(datagram), DONT_FRAGMENT if whole else 0) + datagram
    return struct.pack(">IHBB", 6 << 28, len(datagram), UDP, 64) + sender + receiver + datagram


def checksum(data: bytes) -> bytes:
    """The Internet checksum. RFC 1071."""
    words = struct.unpack(f">{(len(data) + 1) // 2}H", data + bytes(len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)


def _summed(header: bytes) -> bytes:
    return header[:10] + checksum(header[:10] + bytes(2) + header[12:]) + header[12:]
