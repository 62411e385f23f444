"""Facts of a call as its node ships them, a few words each."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.rtp_media import START_NS

START = datetime.fromtimestamp(START_NS / 1e9, UTC)


class Journal:
    """Collects facts: `journal(3.5, "left", seat="alice")` is one 3.5 s after the start."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._numbers: Iterator[int] = count(1)

    def __call__(self, at_s: float, kind: str, *, run: int = 1, **fields: Any) -> str:
        """Add a fact; returns its reference."""
        seq = next(self._numbers)
        row = {"call": "call1", "epoch": 1, "run": run, "seq": seq, "at": at(at_s), "kind": kind}
        row |= {name.rstrip("_"): value for name, value in fields.items()}
        self.rows.append(row)
        return f"1.{run}.{seq}"

    def presence(self, at_s: float, seat: str, state: str, cause: str = "socket") -> str:
        """The seat's person came, went or lost the line."""
        return self(at_s, "presence", seat=seat, state=state, cause=cause)

    def recording(self, at_s: float, kind: str, *tracks: str) -> str:
        """`recording_started` or `recording_changed` with exactly these tracks."""
        return self(at_s, kind, recording="rec1", tracks=list(tracks))

    def gap(self, from_s: float, to_s: float) -> str:
        """The node was killed and came back."""
        return self(to_s, "recording_gap", recording="rec1", to=at(to_s), cause="node_restarted", from_=at(from_s))


def at(at_s: float) -> str:
    """RFC 3339 time so many seconds after the start."""
    return (START + timedelta(seconds=at_s)).isoformat().replace("+00:00", "Z")
