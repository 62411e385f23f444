"""What a node asks of whoever records its calls: interfaces only. A recorder is a tap that writes what is permitted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from signaling.media.port import CallId, Tap, TrackId


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key for one recorded track: plain for the spool, wrapped for whoever reads it later."""

    id: str
    plain: bytes  # 32 bytes, in memory only
    wrapped: bytes  # AES key wrap (RFC 3394) under the content key of the case; written in the file's header

    def __repr__(self) -> str:  # a key never reaches a log
        return f"DataKey({self.id!r})"


class RecorderListener(Protocol):
    """Told by a recorder what became of its writing. Called on the loop."""

    def part_stored(self, recording: str, part: dict[str, object]) -> None:
        """A closed part reached the file store; `part` is JSON: see recordings/spool.py."""

    def recording_failed(self, recording: str, code: str) -> None:
        """Writing stopped by itself (`disk_full`, `disk_error`, `no_keys`); what is written stays readable."""


class Recorder(Tap, Protocol):
    """Writes the permitted tracks of one recording to its spool."""

    def write_only(self, tracks: Collection[TrackId]) -> None:
        """From now on exactly these tracks are written; every other stops at once. Synchronous and immediate."""

    def add_keys(self, keys: Sequence[DataKey]) -> None:
        """More data keys, for tracks yet to come."""

    async def close(self) -> None:
        """Write out what is held, seal the parts and hand them to the file store. Idempotent."""


class RecorderFactory(Protocol):
    """How a node opens a recorder; handed in by the composition root."""

    def __call__(
        self,
        call: CallId,
        recording: str,
        epoch: int,
        run: int,
        keys: Sequence[DataKey],
        listener: RecorderListener,
    ) -> Recorder:
        """A recorder that writes nothing until `write_only` names a track."""
