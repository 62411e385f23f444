"""What targets share: golden files as seeds, an input cut into pieces, a limit on the time of one input."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "unit" / "golden"
MOST_CPU_S = 1.0  # of one input; far above what any needs, far below what hurts


def golden(pattern: str) -> list[bytes]:
    """The golden files of these names."""
    return [path.read_bytes() for path in sorted(GOLDEN.glob(pattern))]


@contextmanager
def bounded_time() -> Iterator[None]:
    """Fails if what it encloses takes more processor time than any input may."""
    began_s = time.thread_time()
    yield
    assert time.thread_time() - began_s < MOST_CPU_S, "too slow"


def pieces(data: bytes) -> Iterator[bytes]:
    """The input as several: each piece behind its length in two bytes."""
    at = 0
    while at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2])
        yield data[at + 2 : end]
        at = end


def joined(*parts: bytes) -> bytes:
    """What `pieces` takes apart."""
    return b"".join(len(part).to_bytes(2) + part for part in parts)
