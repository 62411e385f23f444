"""A Janus of the node's own: started, started again when it dies or hangs, and gone when the node is."""

import asyncio
import logging
import os
import secrets
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from signaling.media.janus.configuration import configuration
from signaling.media.janus.settings import JanusDoor, JanusProgram
from signaling.media.port import ProcessorTime

FIRST_RESTART_S = 0.1  # doubles with each death in a row
SLOWEST_RESTART_S = 5.0
STEADY_AFTER_S = 30.0
STOP_WITHIN_S = 3.0
LOOK_S = 0.5

logger = logging.getLogger(__name__)


class JanusProcess:
    """Runs one Janus at a time. `door` stays the same through its restarts."""

    def __init__(self, program: JanusProgram) -> None:
        self._program = program
        self.door = JanusDoor(secrets.token_urlsafe(24), socket=program.socket.resolve())
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """Of the running Janus."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def processor_time(self) -> ProcessorTime:
        """Of the running Janus; nothing while none runs."""
        return ProcessorTime(_used_s(self.pid) if self.pid else 0.0, self._program.event_loops)

    async def run(self) -> None:
        """Start, watch and start again; until cancelled, which takes it down. Raises OSError where it cannot be run."""
        loop, deaths = asyncio.get_running_loop(), 0
        self._configure()
        while True:
            started_s = loop.time()
            code = await self._run_once()
            deaths = 1 if loop.time() - started_s > STEADY_AFTER_S else deaths + 1
            logger.warning("Janus ended with %s", code)
            await asyncio.sleep(min(FIRST_RESTART_S * 2.0 ** (deaths - 1), SLOWEST_RESTART_S))

    async def watch(self, heard: Callable[[], int]) -> None:
        """Kill a Janus from which nothing comes any more, until cancelled. `heard` counts what came.

        Looks are counted and not seconds: a node that stood still itself heard nothing either.
        """
        silent_looks, before = 0, (heard(), self.starts)
        while True:
            await asyncio.sleep(LOOK_S)
            now = heard(), self.starts
            silent_looks, before = (silent_looks + 1 if now == before else 0), now
            if silent_looks * LOOK_S >= self._program.hangs_after_s and self._process and self.pid:
                logger.error("nothing came from Janus for %s s: it is killed", self._program.hangs_after_s)
                self._process.kill()
                silent_looks = 0

    def _configure(self) -> None:
        directory = self._program.directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        for name, text in configuration(self._program, self.door.secret).items():
            file = directory / name
            file.touch(mode=0o600)
            file.write_text(text)

    async def _run_once(self) -> int:
        for left in (self._program.socket, self._program.log):
            left.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *_with_us(),
            *(self._program.command, "--configs-folder", str(self._program.directory)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the node alone, which then takes it down in order
        )
        self.starts += 1
        try:
            return await self._process.wait()
        except asyncio.CancelledError:
            await _stop(self._process)
            raise


def _used_s(pid: int) -> float:
    """User and system time of all threads (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _with_us() -> tuple[str, ...]:
    """What makes the kernel end a child of a node that was killed."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


async def _stop(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
