"""A call's journal: one append-only file on the node's disk, written before anybody is told.

Each line is a CRC-32, a space and a JSON object: `{"spec"}`, `{"run"}`, `{"run", "seq", "fact"}`, `{"fact"}` (local)
or `{"acked": [run, seq]}`. A torn or damaged line ends the file: what comes after it is cut off. A full disk stops no
call: lines wait in memory and are written, in order, when there is room again.
"""

import contextlib
import json
import logging
import os
import threading
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Self

from signaling.call.facts import Fact, from_json, to_json
from signaling.call.spec import CallSpec

MAX_HELD_FACTS = 5_000  # in memory; the rest is read again from the file
MAX_UNWRITTEN_BYTES = 8 * 1024 * 1024
SUFFIX = ".journal"

logger = logging.getLogger(__name__)
Position = tuple[int, int]  # run, seq


@dataclass
class Contents:
    """What a journal tells: the newest spec, every fact, and which of them web has not acknowledged."""

    spec: CallSpec | None = None
    run: int = 0
    seq: int = 0
    facts: list[Fact] = field(default_factory=list)
    shipped: list[tuple[Position, dict[str, Any]]] = field(default_factory=list)
    acked: Position = (0, 0)
    good_bytes: int = 0

    def take(self, line: dict[str, Any]) -> None:
        """Take in one line."""
        if "spec" in line:
            self.spec = CallSpec.model_validate(line["spec"])
        elif "acked" in line:
            run, seq = line["acked"]
            self.acked = max(self.acked, _position(run, seq))
        elif "fact" in line:
            fact = from_json(line["fact"])
            if "seq" in line:
                self.run, self.seq = position = _position(line["run"], line["seq"])
                self.shipped.append((position, line["fact"]))
            self.facts.append(fact)
        elif "run" in line:
            self.run, self.seq = _position(line["run"], 0)

    @property
    def unacked(self) -> list[tuple[Position, dict[str, Any]]]:
        """Facts that web has not acknowledged, oldest first."""
        return [(position, fact) for position, fact in self.shipped if position > self.acked]


def read(path: Path) -> Contents:
    """What the file tells, up to its first damaged line."""
    return read_lines(path.read_bytes(), path.name)


def journals_in(directory: Path) -> Iterator[tuple[Path, Contents, CallSpec]]:
    """Every journal here that names its call, in the order of their names; one that does not is left alone."""
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        contents = read(path)
        if contents.spec is None:
            logger.error("journal %s names no call: left alone", path.name)
        else:
            yield path, contents, contents.spec


def read_lines(data: bytes, name: str) -> Contents:
    """The same of a file's bytes; `name` is for the log."""
    contents = Contents()
    for raw in data.splitlines(keepends=True):
        line = _parse(raw)
        if line is None:
            break
        try:
            contents.take(line)
        except (ValueError, KeyError, TypeError) as error:
            logger.error("journal %s: a line of another version is left out: %s", name, type(error).__name__)
        contents.good_bytes += len(raw)
    return contents


def _parse(raw: bytes) -> dict[str, Any] | None:
    checksum, _, body = raw.rstrip(b"\n").partition(b" ")
    if not raw.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(body):
        return None
    try:
        line = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _position(run: object, seq: object) -> Position:
    if not isinstance(run, int) or not isinstance(seq, int) or min(run, seq) < 0:
        raise TypeError("not a position")
    return run, seq


class Journal:
    """The journal of one call under one epoch, open for writing."""

    def __init__(self, path: Path, contents: Contents, spec: CallSpec) -> None:
        self.path = path
        self.call, self.epoch = spec.call, spec.epoch
        self.run, self._seq = contents.run + 1, 0
        self.acked = contents.acked
        self.lost = 0  # facts that neither disk nor memory could hold
        self.last_write: Position = (contents.run, contents.seq)
        self._held = deque(contents.unacked[:MAX_HELD_FACTS])
        self._more_in_file = len(contents.unacked) > MAX_HELD_FACTS
        self._unwritten = bytearray()
        self._dirty = False
        self._closing = threading.Lock()
        self._file: int | None = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, contents.good_bytes)
        self._write({"run": self.run})

    @classmethod
    def create(cls, directory: Path, spec: CallSpec) -> Self:
        """A new journal for this call and epoch. Raises OSError."""
        journal = cls(directory / f"{spec.call}.{spec.epoch}{SUFFIX}", Contents(), spec)
        journal.keep_spec(spec)
        return journal

    @property
    def failing(self) -> bool:
        """Whether the disk does not take what is written."""
        return bool(self._unwritten)

    def keep_spec(self, spec: CallSpec) -> None:
        """Keep the newest spec, without its keys."""
        self._write({"spec": spec.without_keys().model_dump(mode="json")})

    def keep_history(self, facts: Iterable[Fact]) -> None:
        """Keep what happened before this epoch: it is replayed and not shipped, for the node that decided it did."""
        for fact in facts:
            self._write({"fact": to_json(fact)})

    def append(self, facts: Iterable[Fact]) -> None:
        """Keep facts. When this returns a killed process loses none of them (a full disk excepted: see `failing`)."""
        for fact in facts:
            body = to_json(fact)
            if fact.local:
                self._write({"fact": body})
                continue
            self._seq += 1
            self._write({"run": self.run, "seq": self._seq, "fact": body})
            self._hold((self.run, self._seq), body)

    def _hold(self, position: Position, body: dict[str, Any]) -> None:
        self.last_write = position
        if self._more_in_file or len(self._held) >= MAX_HELD_FACTS:
            self._more_in_file = True
        else:
            self._held.append((position, body))

    def _write(self, line: dict[str, Any]) -> None:
        body = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
        if len(self._unwritten) + len(body) > MAX_UNWRITTEN_BYTES:
            self.lost += 1
            return
        self._unwritten += b"%08x %s\n" % (zlib.crc32(body), body)
        self.flush()

    def flush(self) -> None:
        """Write what the disk did not take before; what it still does not take stays in memory."""
        try:
            while self._unwritten and self._file is not None:
                written = os.write(self._file, self._unwritten)
                del self._unwritten[:written]
                self._dirty = True
        except OSError as error:
            logger.error("a journal cannot be written: %s", error.strerror, extra={"call": self.call})

    def unacked(self, limit: int) -> list[dict[str, Any]]:
        """The oldest facts that web has not acknowledged, as the link carries them."""
        if not self._held and self._more_in_file:
            rest = [item for item in read(self.path).unacked if item[0] > self.acked]
            self._held.extend(rest[:MAX_HELD_FACTS])
            self._more_in_file = len(rest) > MAX_HELD_FACTS
        where = {"call": self.call, "epoch": self.epoch}
        return [{**where, "run": run, "seq": seq, **body} for (run, seq), body in islice(self._held, limit)]

    def ack(self, run: int, seq: int) -> None:
        """Web has everything up to this fact."""
        if (run, seq) <= self.acked or (run, seq) > self.last_write:
            return
        self.acked = (run, seq)
        while self._held and self._held[0][0] <= self.acked:
            self._held.popleft()
        self._write({"acked": [run, seq]})

    @property
    def all_acked(self) -> bool:
        """Whether web has every fact."""
        return self.acked >= self.last_write

    def sync(self) -> None:
        """Have the disk keep what was written, against a power cut. Blocks: call it in a thread."""
        with self._closing:
            if self._file is not None and self._dirty:
                self._dirty = False
                os.fdatasync(self._file)

    def close(self) -> None:
        """Close the file. Idempotent."""
        with self._closing:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def delete(self) -> None:
        """Close it and remove the file: web has everything."""
        self.close()
        self.path.unlink(missing_ok=True)


def sync_all(journals: Iterable[Journal]) -> None:
    """Have the disk keep what was written in all of these. Blocks: call it in a thread."""
    for journal in journals:
        with contextlib.suppress(OSError):  # the next write says it aloud
            journal.sync()
