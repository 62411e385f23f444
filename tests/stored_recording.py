"""A recording as it lies in the file store, made straight from packets: for tests of what comes after recording."""

import base64
from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from recordings.model import Part, PartId
from recordings.spool import Entry, Kind, encode_record, pack_sender_report, start_of
from recordings.vault import Segments, wrap
from signaling.media.port import CallId
from signaling.media.recorders import DataKey
from tests.rtp_media import Packet

CONTENT_KEY = bytes(range(32))
KEY = DataKey("key-1", bytes(range(32, 64)), wrap(bytes(range(32, 64)), CONTENT_KEY))
RECORD_NS = 250_000_000


class StoredRecording:
    """Parts and objects by name; `add` may be called for each life of the node."""

    def __init__(self, part_s: float = 60.0) -> None:
        self.parts: list[Part] = []
        self.objects: dict[str, bytes] = {}
        self._part_ns = round(part_s * 1e9)

    def add(self, packets: Iterable[Packet], run: int = 1) -> "StoredRecording":
        """Store these packets in parts and records as the recorder would."""
        by_part: defaultdict[tuple[str, int], list[Packet]] = defaultdict(list)
        for packet in packets:
            by_part[packet.track.id, packet.arrived_ns // self._part_ns].append(packet)
        numbers: defaultdict[str, int] = defaultdict(int)
        for (track, _), own in sorted(by_part.items()):
            self._store(PartId(CallId("call1"), "rec1", own[0].track.id, 1, run, numbers[track]), own)
            numbers[track] += 1
        return self

    def read(self, name: str) -> bytes:
        """As the file store gives it."""
        try:
            return self.objects[name]
        except KeyError:
            raise FileNotFoundError(name) from None

    def _store(self, name: PartId, packets: list[Packet]) -> None:
        start_ns, end_ns = packets[0].arrived_ns, packets[-1].arrived_ns
        header = start_of(name, start_ns, KEY)
        segments = Segments(header, KEY.plain)
        records: defaultdict[int, list[Entry]] = defaultdict(list)
        for packet in packets:
            kind = Kind.RTP if packet.data else Kind.SENDER_REPORT
            data = packet.data or pack_sender_report(packet.ntp_time, packet.rtp_time)
            records[packet.arrived_ns // RECORD_NS].append(Entry(packet.arrived_ns, kind, data))
        body = [encode_record(segments, number, entries) for number, (_, entries) in enumerate(sorted(records.items()))]
        stored = b"".join([header.encode(), *body, encode_record(segments, len(body), [], last=True)])
        self.objects[name.object_name] = stored
        digest, wrapped = sha256(stored).hexdigest(), base64.b64encode(KEY.wrapped).decode()
        self.parts.append(Part(name, len(stored), digest, start_ns, end_ns, KEY.id, wrapped, sealed=True))


class Shelf:
    """A file store in memory that counts what is put."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects, self.puts = objects, 0

    def read(self, name: str) -> bytes:
        return self.read_range(name, 0, 2**40)

    def read_range(self, name: str, start: int, length: int) -> bytes:
        if name not in self.objects:
            raise FileNotFoundError(name)
        return self.objects[name][start : start + length]

    def size(self, name: str) -> int | None:
        return len(self.objects[name]) if name in self.objects else None

    def put(self, name: str, path: Path) -> None:
        self.objects[name] = path.read_bytes()
        self.puts += 1
