"""What the kernel is to drop before we read it: a classic BPF program on a UDP socket. Linux; no privileges needed.

    12 to 1,500 bytes     else dropped
    STUN                  requests pass, all of them or one in so many; from a known path always
    DTLS, SRTP            from known paths
    anything else         dropped

A path is known by a number of 32 bits: a stranger is taken for it once in four thousand million times, and is then
looked at as ever.
"""

import ctypes
import socket
import struct
from collections.abc import Collection, Iterator, Sequence
from ipaddress import ip_address

SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_MEMINFO = 26, 27, 55  # asm-generic/socket.h
MOST_KEYS = 4_000  # more do not fit into a program; then every path counts as known

Instruction = tuple[int, int, int, int]  # code, how many to skip if true, if false, operand

_UDP_HEADER_BYTES = 8  # the program sees the datagram with it
_SOURCE_PORT, _FIRST_BYTE, _STUN_TYPE, _STUN_COOKIE = 0, 8, 8, 12
_SOURCE_ADDRESS: dict[int, tuple[int, ...]] = {  # words of the IP header, by family
    socket.AF_INET: (12,),
    socket.AF_INET6: (8, 12, 16, 20),
}
_NET_OFFSET, _RANDOM = 0x100000000 - 0x100000, 0x100000000 - 0x1000 + 56  # linux/filter.h
_LOAD_LENGTH, _LOAD_BYTE, _LOAD_HALF, _LOAD_WORD = 0x80, 0x30, 0x28, 0x20
_AND, _MULTIPLY, _XOR_X, _TO_X, _JUMP = 0x54, 0x24, 0xAC, 0x07, 0x05
_IF_EQUAL, _IF_AT_LEAST, _IF_MORE = 0x15, 0x35, 0x25
_PASS: Instruction = (0x06, 0, 0, 0xFFFFFFFF)
_DROP: Instruction = (0x06, 0, 0, 0)
_SPREAD = 0x9E3779B1  # so that neighbouring ports are far apart
_BLOCK = 250  # a conditional jump reaches 255 instructions
_MEMINFO = struct.Struct("@9I")  # the last one counts what the kernel dropped


def key_of(host: str, port: int) -> int:
    """By which the program knows a path."""
    packed, key = ip_address(host.partition("%")[0]).packed, port * _SPREAD & 0xFFFFFFFF
    for at in range(0, len(packed), 4):
        key ^= int.from_bytes(packed[at : at + 4])
    return key


def program(family: int, known: Collection[int], one_check_in: int) -> list[Instruction]:
    """For sockets of this family. `one_check_in` is a power of two: so many requests of strangers, and one passes."""
    stun = [*_require(_LOAD_WORD, _STUN_COOKIE, 0x2112A442), *_require(_LOAD_HALF, _STUN_TYPE, 1)]
    if one_check_in == 1:
        stun.append(_PASS)
    else:
        stun += [(_LOAD_WORD, 0, 0, _RANDOM), (_AND, 0, 0, one_check_in - 1), (_IF_EQUAL, 0, 1, 0), _PASS]
        stun.append((_JUMP, 0, 0, len(_MEDIA)))
    return [*_SIZE, (_IF_AT_LEAST, len(stun), 0, 4), *stun, *_MEDIA, *_from_known(family, known)]


def attach(sock: socket.socket, instructions: Sequence[Instruction]) -> None:
    """In the place of any that was there, at once. Raises OSError."""
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    kept = ctypes.create_string_buffer(code, len(code))
    pointer = struct.pack("@HxxxxxxP", len(instructions), ctypes.addressof(kept))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, pointer)


def detach(sock: socket.socket) -> None:
    """Drop nothing any more. Raises OSError if there was none."""
    sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)


def dropped_by_kernel(sock: socket.socket) -> int:
    """So far, by a program or because nobody read in time; 0 where the system does not say."""
    try:
        return int(_MEMINFO.unpack(sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size))[-1])
    except (OSError, struct.error):
        return 0


def _require(load: int, at: int, value: int) -> list[Instruction]:
    return [(load, 0, 0, at), (_IF_EQUAL, 1, 0, value), _DROP]


_SIZE: list[Instruction] = [
    (_LOAD_LENGTH, 0, 0, 0),
    (_IF_AT_LEAST, 1, 0, 12 + _UDP_HEADER_BYTES),
    _DROP,
    (_IF_MORE, 0, 1, 1500 + _UDP_HEADER_BYTES),
    _DROP,
    (_LOAD_BYTE, 0, 0, _FIRST_BYTE),
]
_MEDIA: list[Instruction] = [  # 128 to 191, or 20 to 63 (RFC 7983)
    (_IF_MORE, 0, 1, 191),
    _DROP,
    (_IF_AT_LEAST, 4, 0, 128),
    (_IF_MORE, 0, 1, 63),
    _DROP,
    (_IF_AT_LEAST, 1, 0, 20),
    _DROP,
]


def _from_known(family: int, known: Collection[int]) -> Iterator[Instruction]:
    """Pass where the source is one of these; else drop."""
    if len(known) > MOST_KEYS:
        yield _PASS
        return
    yield from [(_LOAD_HALF, 0, 0, _SOURCE_PORT), (_MULTIPLY, 0, 0, _SPREAD)]
    for word in _SOURCE_ADDRESS[family]:
        yield from [(_TO_X, 0, 0, 0), (_LOAD_WORD, 0, 0, (_NET_OFFSET + word) & 0xFFFFFFFF), (_XOR_X, 0, 0, 0)]
    keys = list(known)
    for at in range(0, len(keys), _BLOCK):
        block = keys[at : at + _BLOCK]
        yield from ((_IF_EQUAL, len(block) - place, 0, key) for place, key in enumerate(block))
        yield from [(_JUMP, 0, 0, 1), _PASS]
    yield _DROP
