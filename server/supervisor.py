"""Keeps the processes of `ieum serve` alive: starts them, restarts what dies or hangs, takes all of them down with it.

A child and its supervisor watch each other through two pipes. The child's standard input ends when the supervisor dies,
so no child outlives it. The child writes a byte to its beat pipe from its event loop; a child that misses beats for
`HUNG_AFTER_S` is killed before its replacement starts, so that two owners of a room never run side by side.

The first word on a child's standard input says that it may begin: children load their code, which takes a second, while
the supervisor's side still prepares what they need. A child that nobody waits for is started last, so that on a small
machine its code is not loaded in the way of theirs.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import structlog

BEAT_S = 0.5
HUNG_AFTER_S = 10.0
STOP_WITHIN_S = 15.0
FIRST_RESTART_S = 0.1  # doubles with each death in a row
SLOWEST_RESTART_S = 10.0
LAST_WAIT_S = 10.0  # after so long what starts last starts all the same
STEADY_AFTER_S = 30.0  # a child that lived so long starts again with the first delay
BEAT_VARIABLE = "IEUM_BEAT_FD"
BEGIN = b"\n"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Command:
    """One child process: its name in logs, how it is started, and what is added to its environment."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    starts_last: bool = False


def restart_delay_s(deaths_in_a_row: int) -> float:
    """How long to wait before the next start: the first restart is nearly at once."""
    return min(FIRST_RESTART_S * 2.0 ** max(0, deaths_in_a_row - 1), SLOWEST_RESTART_S)


class Child:
    """One supervised process, started again until `stop`."""

    def __init__(self, command: Command, prepared: asyncio.Event, log_file: IO[bytes] | None = None) -> None:
        self.command = command
        self._prepared = prepared
        self.ready = asyncio.Event()
        self.starts = 0
        self._log_file = log_file  # None: our own standard error
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Of the running process, if there is one."""
        return self._process.pid if self._process else None

    async def run(self) -> None:
        """Start, watch and restart until `stop` was called."""
        loop, deaths = asyncio.get_running_loop(), 0
        while not self._stopping:
            started = loop.time()
            code = await self._run_once()
            if self._stopping:
                return
            deaths = 1 if loop.time() - started > STEADY_AFTER_S else deaths + 1
            log.warning("process_died", process=self.command.name, exit_code=code, starts=self.starts)
            await asyncio.sleep(restart_delay_s(deaths))

    async def stop(self) -> None:
        """Ask the process to end, and end it if it does not. Idempotent."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            process.kill()

    async def _run_once(self) -> int:
        beats, beat_fd = os.pipe()
        self._process = await asyncio.create_subprocess_exec(
            *self.command.argv,
            stdin=asyncio.subprocess.PIPE,
            stderr=self._log_file,
            pass_fds=[beat_fd],
            env={**os.environ, **self.command.environment, BEAT_VARIABLE: str(beat_fd)},
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops the children in order
        )
        self.starts += 1
        os.close(beat_fd)
        tasks = [asyncio.create_task(self._watch_beats(beats)), asyncio.create_task(self._let_begin(self._process))]
        try:
            return await self._process.wait()
        finally:
            self.ready.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _let_begin(self, process: asyncio.subprocess.Process) -> None:
        await self._prepared.wait()
        if process.stdin is not None:
            process.stdin.write(BEGIN)

    async def _watch_beats(self, beats: int) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(beats, "rb")
        )
        try:
            if await reader.read(1):  # the first beat says ready; a start may take its time
                self.ready.set()
            while await asyncio.wait_for(reader.read(64), HUNG_AFTER_S):
                pass
        except TimeoutError:
            log.error("process_hung", process=self.command.name, after_s=HUNG_AFTER_S)
            if self._process:
                self._process.kill()
        finally:
            transport.close()


class Supervisor:
    """All children of one `ieum serve`."""

    def __init__(self, commands: Sequence[Command], log_file: IO[bytes] | None = None) -> None:
        self._prepared = asyncio.Event()
        self._first_are_ready = asyncio.Event()
        self.children = [Child(command, self._prepared, log_file) for command in commands]

    async def run(
        self, prepare: Callable[[], Coroutine[Any, Any, None]], on_ready: Callable[[], None], stop: asyncio.Event
    ) -> None:
        """Run every child until `stop` is set. They begin when `prepare` is done; what that raises is raised here.

        Stopped before, `prepare` is cancelled. `on_ready` is called once, when all have said that they are ready, but
        for those that start last.
        """
        tasks = [asyncio.create_task(self._run(child)) for child in self.children]
        ready = asyncio.create_task(self._announce(on_ready))
        try:
            if await _done_before(stop, prepare()):
                self._prepared.set()
                await stop.wait()
        finally:
            ready.cancel()
            await asyncio.gather(*(child.stop() for child in self.children))
            for task in tasks:
                task.cancel()
            await asyncio.gather(ready, *tasks, return_exceptions=True)

    async def _run(self, child: Child) -> None:
        if child.command.starts_last:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._first_are_ready.wait(), LAST_WAIT_S)
        await child.run()

    async def _announce(self, on_ready: Callable[[], None]) -> None:
        await asyncio.gather(*(child.ready.wait() for child in self.children if not child.command.starts_last))
        self._first_are_ready.set()
        on_ready()


async def _done_before(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work was done before `stop` was set; else it is cancelled. What it raises is raised here."""
    working, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([working, stopped], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
        return working.done()
    finally:
        for task in (working, stopped):
            task.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


def wait_until_prepared() -> bool:
    """The child's side, before its event loop: wait for the word to begin. False if the supervisor is gone instead.

    A process that was started by hand begins at once.
    """
    return BEAT_VARIABLE not in os.environ or os.read(sys.stdin.fileno(), len(BEGIN)) == BEGIN


async def beat_until_orphaned(stop: asyncio.Event) -> None:
    """The child's side: beat while the event loop turns, and set `stop` when the supervisor is gone.

    Returns at once in a process that was started by hand.
    """
    if BEAT_VARIABLE not in os.environ:
        return
    beat_fd = int(os.environ[BEAT_VARIABLE])
    os.set_blocking(beat_fd, False)
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), stop.set)
    try:
        while not stop.is_set():
            with contextlib.suppress(BlockingIOError):  # a supervisor that reads slowly is no reason to stop
                os.write(beat_fd, b".")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), BEAT_S)
    except BrokenPipeError:
        stop.set()
    finally:
        loop.remove_reader(sys.stdin.fileno())
