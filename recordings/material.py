"""Everything stored of one recording, opened with the key of its case: parts in, packets of a track out.

What cannot be read is left out and remembered (`unreadable`); that the file store is away is an error like any other.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from recordings.errors import RecordingError
from recordings.intervals import Interval
from recordings.model import Part
from recordings.rtp import Dropped, Packet, RecordedPart, Report, in_order
from recordings.spool import Entry, PartReader
from recordings.survey import Survey, survey
from signaling.media.port import Source, TrackId

ReadObject = Callable[[str], bytes]


class Material:
    """The parts of a recording. `read` gives a stored object; it raises FileNotFoundError where there is none."""

    def __init__(self, parts: Iterable[Part], read: ReadObject, content_key: bytes) -> None:
        self.parts = sorted({part.id: part for part in parts}.values(), key=_order)
        self._read, self._content_key = read, content_key
        self.unreadable: dict[Part, str] = {}  # the part and the stable code of what is wrong with it

    @property
    def tracks(self) -> list[TrackId]:
        """Every track of which anything was stored."""
        return sorted({part.id.track for part in self.parts})

    def open(self, part: Part) -> PartReader:
        """Raises FileNotFoundError, UnknownFormat, WrongKey, Misplaced."""
        return PartReader(self._read(part.id.object_name), self._content_key, part.id)

    def items(self, track: TrackId) -> Iterator[Packet | Report | Dropped]:
        """The packets of one track in order. Holds one part in memory at a time."""
        own = (part for part in self.parts if part.id.track == track)
        return in_order(RecordedPart((part.id.epoch, part.id.run), self._entries(part)) for part in own)

    def survey(self, track: TrackId) -> Survey:
        """One look over the whole track."""
        source = Source(track.rpartition(".")[2])
        return survey(self.items(track), 48_000 if source.kind == "audio" else 90_000)

    def missing(self) -> dict[TrackId, list[Interval]]:
        """When the parts were recorded that could not be read so far, or of which nobody told."""
        found: dict[TrackId, list[Interval]] = {}
        for part in self.unreadable:
            found.setdefault(part.id.track, []).append(Interval(part.started_at_ns, part.ended_at_ns))
        for before, after in pairwise(self.parts):
            if _life(before) == _life(after) and after.id.part > before.id.part + 1:
                found.setdefault(after.id.track, []).append(Interval(before.ended_at_ns, after.started_at_ns))
        return found

    def _entries(self, part: Part) -> Iterator[Entry]:
        try:
            reader = self.open(part)
        except FileNotFoundError:
            self.unreadable[part] = "part_missing"
        except RecordingError as error:
            self.unreadable[part] = error.code
        else:
            yield from reader.entries()


def _life(part: Part) -> tuple[TrackId, int, int]:
    """Parts of one life of a node are counted without holes."""
    return part.id.track, part.id.epoch, part.id.run


def _order(part: Part) -> tuple[TrackId, int, int, int]:
    return part.id.track, part.id.epoch, part.id.run, part.id.part
