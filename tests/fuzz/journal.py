"""A node's journal after a crash: always read, up to its first damaged line, and what was read reads the same again."""

import json
import zlib

from signaling.journal import read_lines
from tests.fuzz.inputs import bounded_time, joined, pieces

AT = "2026-11-02T03:00:00Z"


def seeds() -> list[bytes]:
    """The lines of a short call; a torn one."""
    lines = [
        {"run": 1},
        {"run": 1, "seq": 1, "fact": {"kind": "call_opened", "at": AT}},
        {"fact": {"kind": "token_issued", "at": AT, "seat": "kim", "hashes": ["a" * 64]}},
        {"acked": [1, 1]},
        {"spec": {"call": "c1"}},
    ]
    bodies = [json.dumps(line).encode() for line in lines]
    return [joined(*bodies), joined(*bodies[:2], b"[1]", b"{", b'{"run": "x"}', b'{"acked": [[], null]}')]


def check(data: bytes) -> None:
    """As it lies there, and with right checksums before the lines, which a fuzzer seldom finds by itself."""
    summed = b"".join(b"%08x %s\n" % (zlib.crc32(body), body) for body in pieces(data))
    for raw in (data, summed):
        with bounded_time():
            contents = read_lines(raw, "fuzz")
        assert contents.good_bytes <= len(raw)
        again = read_lines(raw[: contents.good_bytes], "fuzz")
        assert repr(again) == repr(contents)
        assert contents.run >= 0
        assert contents.seq >= 0
        assert all(position > contents.acked for position, _fact in contents.unacked)
