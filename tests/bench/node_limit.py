"""A node with all it can do: it takes no new room, keeps the one it has whole, and opens again. `[janus] [fast]`.

One `ieum node` on a core, with our engine or with a Janus of its own; a room of twelve in which eleven send more and
more until the node says that it is full: slowly enough to be seen in what the node says of itself or, `fast`, quicker
than that, until more comes than its core carries. The bots need the other core: where other programs use it, the node
is never made busy enough, and this ends with a TimeoutError.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from signaling.media.port import SeatId, Source, track_id
from tests.bench.cores import load_on_its_core
from tests.bench.media_side import EngineName
from tests.bench.whole_node import whole_node
from tests.bot_transport import BotTransport
from tests.bots import Bot
from tests.load_transport import LoadTransport
from tests.real_node import Figures, PlayedWeb, RealNode, admitted, everybody, played_web
from tests.waiting import until

GUESTS = 11
KEY, DELTA = b"\x10" + bytes(600), b"\x11" + bytes(600)
BEAT_S = 0.01
FRAMES_MOST = 12  # of each camera in a beat; less than what is taken for a flood
WITHIN_S = 120.0
SEEN_AFTER_S = 6.0  # more is seen in what the node says of itself, which is smoothed over 5 s
FAST_S = 0.5
HEARD_S = 10.0
VOICE = track_id(SeatId("g0"), Source.MIC)


class BusyBot(Bot):
    """Sends much, and does not listen to what others send."""

    def _transport(self) -> BotTransport:
        return LoadTransport()


async def a_room_of_twelve(web: PlayedWeb) -> tuple[list[Bot], Bot]:
    """All but one only send; that one, who hosts, hears the first of the others."""
    await web.open("full", everybody(GUESTS))
    host = await web.enter("full", "host")
    guests = [await admitted(web, "full", f"g{at}", BusyBot) for at in range(GUESTS)]
    for guest in guests:
        await guest.publish(Source.MIC, Source.CAMERA)
        guest.say()
        guest.show(KEY)
    cameras = [track_id(SeatId(f"g{at}"), Source.CAMERA) for at in range(GUESTS)]
    for at, guest in enumerate(guests):
        await guest.want(*(camera for place, camera in enumerate(cameras) if place != at))
        await asyncio.wait_for(guest.down.connected.wait(), 30)
    await host.want(VOICE)
    await asyncio.wait_for(host.down.connected.wait(), 30)
    for guest in guests:
        assert isinstance(guest.down, LoadTransport)
        guest.down.stop_listening()
    return guests, host


@dataclass
class Talk:
    """What the guests send."""

    step_s: float = SEEN_AFTER_S  # until they send more
    frames: int = 1  # of each camera in a beat
    said: int = 0  # packets of each voice so far: fewer than 50 a second where the bots' own core is not enough

    async def go_on(self, guests: Sequence[Bot]) -> None:
        """For ever: in each beat so many frames, and a little sound."""
        clock = asyncio.get_running_loop()
        for beat in range(1_000_000):
            due_s = clock.time() + BEAT_S
            for guest in guests:
                if beat % 2 == 0:
                    guest.say()
                for _ in range(self.frames):
                    guest.show(KEY if beat % 50 == 0 else DELTA)
            self.said += beat % 2 == 0
            await asyncio.sleep(max(0.001, due_s - clock.time()))


@asynccontextmanager
async def talking(guests: Sequence[Bot], step_s: float) -> AsyncIterator[Talk]:
    """Meanwhile they talk."""
    talk = Talk(step_s)
    task = asyncio.create_task(talk.go_on(guests))
    yield talk
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until_it_takes_rooms(node: RealNode, takes: bool, talk: Talk) -> None:
    """Send more and more, or nothing more, until the node says so. Raises TimeoutError."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            figures = await node.figures()
            print(row(figures), flush=True)
            if bool(figures["ieum_node_takes_rooms",]) is takes:
                return
            talk.frames = 0 if takes else min(FRAMES_MOST, talk.frames + 1)
            await asyncio.sleep(1.0 if takes else talk.step_s)


def row(figures: Figures) -> str:
    """What the node says of itself; a node with Janus counts no packets."""
    packets = figures.get(("ieum_node_packets_per_second",))
    return (
        f"  {'not counted' if packets is None else f'{packets:11.0f}'} packets/s"
        f"   processor {100 * figures['ieum_node_processor_ratio',]:3.0f} %"
        f"   full {100 * figures['ieum_node_fullness_ratio',]:3.0f} %"
        f"   pictures give way: step {figures['ieum_node_pictures_give_way',]:.0f}"
    )


async def measure(name: EngineName, step_s: float) -> None:
    """Print what the node says each second, and what becomes of the rooms."""
    with tempfile.TemporaryDirectory() as folder:
        async with whole_node(name, Path(folder)) as node, played_web(node) as web:
            guests, host = await a_room_of_twelve(web)
            async with talking(guests, step_s) as talk:
                print("more and more")
                await until_it_takes_rooms(node, False, talk)
                await web.open("another", everybody(1))
                await until(lambda: web.refused == ["another"], 30)
                heard, said = host.heard[VOICE], talk.said
                await asyncio.sleep(HEARD_S)
                heard, said = host.heard[VOICE] - heard, talk.said - said
                print(f"a new room is refused; in the old one {heard} of {said} packets of a voice came")
                await until_it_takes_rooms(node, True, talk)
                await web.open("a third", everybody(1))
                await asyncio.wait_for(web.enter("a third", "host"), 60)
                print("a new room is taken again")


def asked(arguments: Sequence[str]) -> tuple[EngineName, float]:
    """Which engine, and how soon more is sent. Ends the process with a sentence where it is not understood."""
    if not {*arguments} <= {"janus", "fast"}:
        raise SystemExit("./run bench node_limit [janus] [fast]")
    return "janus" if "janus" in arguments else "ours", FAST_S if "fast" in arguments else SEEN_AFTER_S


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    name, step_s = asked(arguments)
    load_on_its_core()
    asyncio.run(measure(name, step_s))
