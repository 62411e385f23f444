"""What a recording is made of, as data: the parts that reach the file store. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from signaling.media.port import CallId, SeatId, Source, TrackId


@dataclass(frozen=True, slots=True, order=True)
class PartId:
    """Which piece of which track. A restart of the node raises `run`, a move to another node raises `epoch`."""

    call: CallId
    recording: str
    track: TrackId
    epoch: int
    run: int
    part: int  # counts from 0 within track, epoch and run

    @property
    def object_name(self) -> str:
        """Its name in the file store."""
        return f"recordings/{self.recording}/{self._name}"

    @property
    def file_name(self) -> str:
        """Its name in the spool directory of its node."""
        return f"{self.recording}.{self._name}"

    @property
    def _name(self) -> str:
        return f"{self.track}.e{self.epoch}.r{self.run}.p{self.part:05d}.spool"

    @property
    def seat(self) -> SeatId:
        """Whose track it is."""
        return SeatId(self.track.rpartition(".")[0])

    @property
    def source(self) -> Source:
        """What the track carries."""
        return Source(self.track.rpartition(".")[2])

    def about(self) -> dict[str, str | int]:
        """As bound to the file by its header."""
        return asdict(self)

    @classmethod
    def from_about(cls, about: Mapping[str, Any]) -> "PartId":
        """From exactly the fields of `about`. Raises TypeError, ValueError."""
        identity = cls(**about)
        if not all(isinstance(value, int) for value in (identity.epoch, identity.run, identity.part)):
            raise TypeError("epoch, run and part are numbers")
        Source(str(identity.track).rpartition(".")[2])
        return identity


@dataclass(frozen=True, slots=True)
class Part:
    """One closed part and how to read it. `sealed` is false where its writer was killed: its end may be torn."""

    id: PartId
    size_bytes: int
    sha256: str  # hex, of the stored bytes
    started_at_ns: int  # wall time since 1970
    ended_at_ns: int
    key_id: str
    wrapped_key: str  # base64, AES-KW under the content key of the case
    sealed: bool

    def to_json(self) -> dict[str, object]:
        """As in the fact `part_stored`."""
        fields = {**asdict(self), **asdict(self.id)}
        del fields["id"]
        return {**fields, "seat": self.id.seat, "source": self.id.source.value, "object": self.id.object_name}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Part":
        """Raises KeyError for what `to_json` did not write."""
        identity = PartId(**{name: data[name] for name in ("call", "recording", "track", "epoch", "run", "part")})
        names = ("size_bytes", "sha256", "started_at_ns", "ended_at_ns", "key_id", "wrapped_key", "sealed")
        return cls(identity, **{name: data[name] for name in names})
