"""A link between a node and its Janus that can be cut, be closed for a while, or lose what is said."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import NamedTuple

from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.process import JanusProcess
from tests.waiting import until


class Wire:
    """A Unix socket between a node and Janus, whose connections can be cut, be refused, or lose what the node says."""

    def __init__(self, to: Path, at: Path) -> None:
        self.at, self._to = at, to
        self.refuses = False
        self.loses = False
        self.lost = b""  # by the node, while it `loses`
        self.heard = b""  # from Janus
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Wire":
        self._server = await asyncio.start_unix_server(self._connect, self.at)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break what is connected now; the next connection works, unless it `refuses`."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        there, back = await asyncio.open_unix_connection(self._to)
        self._writers += [writer, back]
        for source, sink, keep in ((reader, back, self._to_janus), (there, writer, self._from_janus)):
            task = asyncio.create_task(self._carry(source, sink, keep))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, keep: Callable[[bytes], bytes]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                sink.write(keep(data))
        sink.close()

    def _to_janus(self, data: bytes) -> bytes:
        if not self.loses:
            return data
        self.lost += data
        return b""

    def _from_janus(self, data: bytes) -> bytes:
        self.heard += data
        return data


class Wired(NamedTuple):
    """Janus, the link to it, and the engine at its other end."""

    process: JanusProcess
    wire: Wire
    engine: JanusEngine

    async def while_cut(self, doing: Coroutine[None, None, None]) -> None:
        """Have it done while Janus cannot be reached; then it can."""
        self.wire.refuses = True
        self.wire.cut()
        await until(lambda: not self.engine.available)
        await doing
        self.wire.refuses = False
        await until(lambda: self.engine.available)

    async def while_it_breaks(self, doing: Coroutine[None, None, None]) -> None:
        """Have it done while the link loses what is said to Janus and then breaks."""
        self.wire.loses = True
        done = asyncio.create_task(doing)
        await until(lambda: self.wire.lost)
        self.wire.cut()
        self.wire.loses = False
        await done
        await until(lambda: self.engine.available)

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Janus answers nothing meanwhile; then what it was asked."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)
