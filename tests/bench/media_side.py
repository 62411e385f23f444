"""An engine in a process of its own, as the load reaches it: one line of JSON for each request, answer and offer.

`side()` starts `media_engine.py` on one core; a `SideDoor` is a bot's way to it. Several processes may be connected to
one engine, each with its own seats.
"""

import asyncio
import itertools
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self

from signaling.media.port import CallId, DownSlot, Published, SeatId, Source, TrackId, Wanted
from tests.bots import Bot

EngineName = Literal["ours", "janus"]
LINE_BYTES = 1 << 20
STARTS_WITHIN_S = 60.0


@dataclass(frozen=True)
class Figures:
    """What an engine has used until now. Differences of two are what it used between them."""

    cpu_s: float  # of the process that carries media
    beside_cpu_s: float  # of the process that steers it, where that is another one
    resident_kb: int
    slowest_turn_s: (
        float | None
    )  # how late our event loop came to a timer at most since the last look; None: not watched
    step_p99_s: float | None = None  # for how long 99 % of requests held our event loop at a time, and any, since then
    longest_step_s: float | None = None
    handshake_p99_s: float | None = None  # the same of DTLS handshakes
    longest_handshake_s: float | None = None
    beside_kb: int = 0  # memory of the process that steers it, where that is another one

    def since(self, before: "Figures") -> "Figures":
        """Used since `before`; memory is the difference, the slowest turns and steps are these."""
        cpu_s, beside_cpu_s = self.cpu_s - before.cpu_s, self.beside_cpu_s - before.beside_cpu_s
        resident_kb = self.resident_kb - before.resident_kb
        beside_kb = self.beside_kb - before.beside_kb
        return replace(self, cpu_s=cpu_s, beside_cpu_s=beside_cpu_s, resident_kb=resident_kb, beside_kb=beside_kb)


class Side:
    """One connection to an engine's process."""

    def __init__(self, name: EngineName, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.name = name
        self.bots: dict[tuple[str, str], Bot] = {}
        self._writer = writer
        self._ids = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._offers: set[asyncio.Task[None]] = set()
        self._reading = asyncio.create_task(self._read(reader))

    @classmethod
    async def connect(cls, name: EngineName, path: Path) -> Self:
        """A further connection to an engine that runs."""
        reader, writer = await asyncio.open_unix_connection(str(path), limit=LINE_BYTES)
        return cls(name, reader, writer)

    async def ask(self, method: str, **parameters: Any) -> Any:
        """One request; its answer. Raises RuntimeError with what the engine refused it with."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps({"id": number, "method": method, **parameters}).encode() + b"\n")
        return await answer

    async def figures(self) -> Figures:
        """What the engine has used until now."""
        return Figures(**await self.ask("figures"))

    async def close(self) -> None:
        """Hang up. Idempotent."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            said = json.loads(line)
            if "offer" in said:
                self._offered(said)
            elif "refused" in said:
                self._answers.pop(said["id"]).set_exception(RuntimeError(said["refused"]))
            else:
                self._answers.pop(said["id"]).set_result(said["answer"])
        for answer in self._answers.values():
            answer.set_exception(RuntimeError("the engine's process is gone"))

    def _offered(self, said: dict[str, Any]) -> None:
        slots = [
            DownSlot(mid, TrackId(track), SeatId(seat), Source(source)) for mid, track, seat, source in said["slots"]
        ]
        bot = self.bots[said["call"], said["seat"]]
        task = asyncio.create_task(bot.on_down_offer(said["offer"], said["sdp"], slots))
        self._offers.add(task)
        task.add_done_callback(self._offers.discard)


class SideDoor:
    """One bot's messages."""

    def __init__(self, side: Side, call: CallId, seat: SeatId) -> None:
        self._side, self._where = side, {"call": call, "seat": seat}

    async def answer_up(self, neg: int, sdp: str, published: Sequence[Published]) -> str:
        tracks = [(track.mid, track.source) for track in published]
        return str(await self._side.ask("answer_up", **self._where, neg=neg, sdp=sdp, tracks=tracks))

    async def want(self, wanted: Collection[Wanted]) -> None:
        tracks = [(want.track, want.max_height) for want in wanted]
        await self._side.ask("want", **self._where, tracks=tracks)

    async def answer_down(self, neg: int, sdp: str) -> None:
        await self._side.ask("answer_down", **self._where, neg=neg, sdp=sdp)


@dataclass(frozen=True)
class Running:
    """An engine's process: where it is reached, and how to see what its programs use."""

    side: Side
    path: Path


@asynccontextmanager
async def side(name: EngineName, core: int, address: str) -> AsyncIterator[Running]:
    """An engine that nobody uses yet, on this core."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ieum-media-")))
        command = ["taskset", "-c", str(core), sys.executable, "-m", "tests.bench.media_engine"]
        if shutil.which("taskset") is None:
            command = command[3:]
        process = await asyncio.create_subprocess_exec(
            *command, name, address, str(folder), stdout=asyncio.subprocess.PIPE, env=os.environ
        )
        stack.push_async_callback(_end, process)
        assert process.stdout
        if not await asyncio.wait_for(process.stdout.readline(), STARTS_WITHIN_S):
            raise RuntimeError(f"the engine {name} did not start")
        connection = await Side.connect(name, folder / "socket")
        stack.push_async_callback(connection.close)
        yield Running(connection, folder / "socket")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()


def as_dict(figures: Figures) -> dict[str, Any]:
    """For the line of JSON."""
    return {field.name: getattr(figures, field.name) for field in fields(figures)}
