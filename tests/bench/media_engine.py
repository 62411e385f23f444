"""The process whose cost is measured: our engine in it, or a Janus of its own beside it.

Started by `media_side.py` as `python -m tests.bench.media_engine NAME ADDRESS FOLDER`; says `ready` and serves the Unix
socket in the folder until it is terminated. Our engine runs as in a node: asyncio's own loop and nothing turned off.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiortc import RTCDtlsParameters, RTCDtlsTransport

from server.app.garbage import collect_when_quiet
from signaling.errors import SignalingError
from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.settings import JanusProgram
from signaling.media.port import CallId, DownSlot, MediaEngine, Published, SeatId, Source, TrackId, Wanted
from signaling.media.sfu import shield
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bench.media_recorders import Recording, recording_of
from tests.bench.media_side import LINE_BYTES, Figures, as_dict
from tests.bench.media_steps import Steps
from tests.bench.processor import cpu_s_of
from tests.bots import Ear
from tests.janus import janus_engine
from tools.programs import JANUS

JANUS_PORTS = (20_000, 27_999)  # two for each seat
LOOK_S = 0.005  # how often the loop's turn is looked at

Tell = Callable[[dict[str, Any]], None]


class OfferingEar(Ear):
    """Hands a seat's down-offers to the connection that brought the seat in."""

    def __init__(self) -> None:
        super().__init__()
        self.owners: dict[tuple[str, str], Tell] = {}

    def down_offer(self, call: CallId, seat: SeatId, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        packed = [(slot.mid, slot.track, slot.seat, slot.source) for slot in slots]
        self.owners[call, seat]({"offer": neg, "call": call, "seat": seat, "sdp": sdp, "slots": packed})


class MeasuredEngine:
    """Carries out what is asked over the socket."""

    def __init__(self, engine: MediaEngine, pid: int | None, recording: Recording) -> None:
        self.engine = engine
        self._recording = recording
        self._pid = pid  # of Janus; None: the media is carried by this process
        self._ear = OfferingEar()
        self._slowest_turn_s = 0.0
        self._steps, self._handshakes = Steps(), Steps()
        time_handshakes(self._handshakes)
        self._watching: asyncio.Task[None] | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends. Requests are under way side by side, as those of many browsers are."""

        def tell(message: dict[str, Any]) -> None:
            writer.write(json.dumps(message).encode() + b"\n")

        with contextlib.suppress(asyncio.CancelledError):  # with the process
            async with asyncio.TaskGroup() as tasks:
                async for line in reader:
                    tasks.create_task(self._answer(json.loads(line), tell))
        writer.close()

    def close(self) -> None:
        """Look no more. Idempotent."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        """Notice how late the loop comes to its timers, for ever."""
        while True:
            due_s = time.monotonic() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self._slowest_turn_s = max(self._slowest_turn_s, time.monotonic() - due_s)

    async def _answer(self, asked: dict[str, Any], tell: Tell) -> None:
        try:
            tell({"id": asked["id"], "answer": await self._do(asked, tell)})
        except SignalingError as refused:
            tell({"id": asked["id"], "refused": refused.code})

    async def _do(self, asked: dict[str, Any], tell: Tell) -> Any:
        match asked["method"]:
            case "figures":
                return as_dict(self._figures())
            case "drops":
                return self.engine.traffic.drops
            case "unshield":  # to see what the shield is good for
                shield.FLOOD_PER_S = sys.maxsize
                return None
            case "watch":  # it costs as much as many packets: only where it is asked for
                self._watching = self._watching or asyncio.create_task(self._watch())
                return None
            case "record":
                self._recording.start({CallId(call): tracks for call, tracks in asked["calls"].items()})
                return None
            case "record no more":
                return await self._recording.stop()
        return await self._steps.timed(self._request(asked, tell))

    async def _request(self, asked: dict[str, Any], tell: Tell) -> Any:
        call, seat = CallId(asked["call"]), SeatId(asked["seat"])
        if (call, seat) not in self._ear.owners:
            self._ear.owners[call, seat] = tell
            self.engine.listen(call, self._ear)
            await self.engine.admit(call, seat)
        match asked["method"]:
            case "answer_up":
                published = [Published(mid, Source(source)) for mid, source in asked["tracks"]]
                return await self.engine.answer_up(call, seat, asked["neg"], asked["sdp"], published)
            case "want":
                wanted = [Wanted(TrackId(track), height, True, 1) for track, height in asked["tracks"]]
                return await self.engine.want(call, seat, wanted)
            case _:
                return await self.engine.answer_down(call, seat, asked["neg"], asked["sdp"])

    def _figures(self) -> Figures:
        own_s, slowest_s = time.process_time(), self._slowest_turn_s if self._watching else None
        self._slowest_turn_s = 0.0
        if self._pid is None:
            held = (self._steps.look() or (0.0, 0.0)) + (self._handshakes.look() or (0.0, 0.0))
            return Figures(own_s, 0.0, resident_kb("self"), slowest_s, *held)
        return Figures(cpu_s_of(self._pid), own_s, resident_kb(str(self._pid)), None, beside_kb=resident_kb("self"))


def time_handshakes(steps: Steps) -> None:
    """From now on tell for how long DTLS handshakes hold the loop: each of our engine's is a task of its own."""
    untimed = RTCDtlsTransport.start

    async def start(transport: RTCDtlsTransport, remote: RTCDtlsParameters) -> None:
        await steps.timed(untimed(transport, remote))

    RTCDtlsTransport.start = start  # type: ignore[method-assign, assignment]  # with a name of its own


def resident_kb(pid: str) -> int:
    """Memory of a process that is in use now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


@asynccontextmanager
async def opened(name: str, address: str, folder: Path) -> AsyncIterator[MeasuredEngine]:
    """The engine of this name, and recorders as a node has them."""
    async with engine_named(name, address, folder) as (engine, pid), recording_of(engine, folder) as recording:
        yield MeasuredEngine(engine, pid, recording)


@asynccontextmanager
async def engine_named(name: str, address: str, folder: Path) -> AsyncIterator[tuple[MediaEngine, int | None]]:
    """The engine, and the process of its Janus if it has one."""
    if name == "ours":
        ours = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=(address,))))
        try:
            yield ours, None
        finally:
            await ours.close()
        return
    cores = len(os.sched_getaffinity(0))
    program = JanusProgram(
        folder / "janus", JANUS.path() or "janus", hosts=(address,), ports=JANUS_PORTS, event_loops=cores
    )
    janus: JanusEngine = await janus_engine(program)
    try:
        assert janus.process
        yield janus, janus.process.pid
    finally:
        await janus.close()


async def main(name: str, address: str, folder: Path) -> None:
    """Serve until terminated."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with opened(name, address, folder) as measured:
        tidying = asyncio.create_task(collect_when_quiet(measured.engine))
        server = await asyncio.start_unix_server(measured.serve, folder / "socket", limit=LINE_BYTES)
        print("ready", flush=True)
        await stop.wait()
        server.close()
        measured.close()
        tidying.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
