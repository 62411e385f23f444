"""The facts of a call as this package reads them: journalled JSON, written by the live part, that only grows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened in a call. `ref` names it for ever: epoch.run.seq."""

    ref: str
    kind: str
    at_ns: int  # wall time since 1970
    data: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field as text; empty where it is missing or null."""
        value = self.data.get(name)
        return "" if value is None else str(value)


def read_facts(rows: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """Facts from their JSON, in the order of the journal. Raises KeyError, ValueError for what is none."""
    ordered = sorted(rows, key=lambda row: (row["epoch"], row["run"], row["seq"]))
    return [Fact(f"{row['epoch']}.{row['run']}.{row['seq']}", row["kind"], wall_ns(row["at"]), row) for row in ordered]


def of_kind(facts: Sequence[Fact], *kinds: str) -> list[Fact]:
    """Those of these kinds, in their order."""
    return [fact for fact in facts if fact.kind in kinds]


def over_at_ns(facts: Sequence[Fact]) -> int:
    """When the call was over, or the last thing that happened in it; parts are handed over later still. 0 for none."""
    ended = of_kind(facts, "call_ended")
    happened = [fact for fact in facts if fact.kind not in ("part_stored", "recording_sealed")]
    return max((fact.at_ns for fact in ended or happened), default=0)


def wall_ns(at: str) -> int:
    """An RFC 3339 time as nanoseconds since 1970."""
    moment = datetime.fromisoformat(at)
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1_000
