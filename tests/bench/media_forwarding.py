"""Cost of the media engine per forwarded packet, per join and per seat: `media_forwarding [ROOMS SEATS SECONDS]`.

A join is a seat with both peer connections up, publishing and receiving. Bots in another process send 150 packets of
1,050 bytes and 50 of sound a second each, over loopback. The processor time is this process's alone, so other programs
blur it only by making wake-ups fuller or emptier. The rate that was reached is printed beside it: at a low rate every
packet pays for a wake-up of its own.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signaling.media.port import CallId, DownSlot, Published, SeatId, Source, TrackId, Wanted
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bots import Ear


class Measured(Ear):
    """An engine whose clients are in another process."""

    def __init__(self, engine: SfuEngine, process: asyncio.subprocess.Process) -> None:
        super().__init__()
        self.engine, self.process = engine, process
        self.ready = asyncio.Event()

    def down_offer(self, call: CallId, seat: SeatId, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        packed = [(slot.mid, slot.track, slot.seat, slot.source) for slot in slots]
        self.tell({"offer": neg, "call": call, "seat": seat, "sdp": sdp, "slots": packed})

    def tell(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")

    async def serve(self) -> None:
        """Carry out what the bots ask for."""
        assert self.process.stdout
        async for line in self.process.stdout:
            asked = json.loads(line)
            if asked["method"] == "ready":
                self.ready.set()
            else:
                self.tell({"id": asked["id"], "answer": await self._do(asked)})

    async def _do(self, asked: dict[str, Any]) -> Any:
        call, seat = CallId(asked["call"]), SeatId(asked["seat"])
        match asked["method"]:
            case "answer_up":
                self.engine.listen(call, self)
                await self.engine.admit(call, seat)
                published = [Published(mid, Source(source)) for mid, source in asked["tracks"]]
                return await self.engine.answer_up(call, seat, asked["neg"], asked["sdp"], published)
            case "want":
                wanted = [Wanted(TrackId(track), 720, True, 1) for track in asked["tracks"]]
                return await self.engine.want(call, seat, wanted)
            case _:
                return await self.engine.answer_down(call, seat, asked["neg"], asked["sdp"])


async def measure(rooms: int, seats: int, seconds: float) -> dict[str, float]:
    """One run; the figures."""
    engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.media_load", str(rooms), str(seats),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20,
    )  # fmt: skip
    measured = Measured(engine, process)
    gc.collect()
    empty_cpu_s, empty_kb = time.process_time(), resident_kb()
    serving = asyncio.create_task(measured.serve())
    await asyncio.wait_for(measured.ready.wait(), 120)
    joined_cpu_s, joined_kb = time.process_time() - empty_cpu_s, resident_kb() - empty_kb
    await asyncio.sleep(2)
    before_cpu_s, before_s = time.process_time(), time.monotonic()
    received, sent = engine.traffic.packets_received, engine.traffic.packets_sent
    await asyncio.sleep(seconds)
    cpu_s, took_s = time.process_time() - before_cpu_s, time.monotonic() - before_s
    came, went = engine.traffic.packets_received - received, engine.traffic.packets_sent - sent
    figures = {
        "rooms": rooms,
        "seats": seats,
        "packets_in_per_s": round(came / took_s),
        "packets_out_per_s": round(went / took_s),
        "cpu_percent": round(100 * cpu_s / took_s, 1),
        "us_per_packet_out": round(1e6 * cpu_s / went, 1) if went else 0.0,
        "cpu_ms_per_join": round(1e3 * joined_cpu_s / (rooms * seats), 1),
        "kb_per_seat_joined": round(joined_kb / (rooms * seats)),
        "kb_per_seat_talking": round((resident_kb() - empty_kb) / (rooms * seats)),
    }
    process.terminate()
    await process.wait()
    await serving
    await engine.close()
    return figures


def resident_kb() -> int:
    """Memory of this process that is in use now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def main(arguments: Sequence[str]) -> int:
    """Print one line of figures per shape of room."""
    shapes = [tuple(map(int, arguments[:2]))] if len(arguments) >= 2 else [(8, 2), (1, 8)]
    seconds = float(arguments[2]) if len(arguments) > 2 else 5.0
    for rooms, seats in shapes:
        print(json.dumps(asyncio.run(measure(rooms, seats, seconds))))
    return 0
