"""`ieum node` beyond its measured limit: no new room is taken, the one that runs stays whole, and it opens again."""

import asyncio
from pathlib import Path
from secrets import token_bytes

from signaling.media.port import SeatId, Source, TrackId, track_id
from tests.bots import Bot
from tests.real_node import RealNode, admitted, everybody, played_web, real_node
from tests.small_disk import a_small_disk
from tests.waiting import until

HOST_MIC, GUEST_MIC, LATE_MIC = (track_id(SeatId(seat), Source.MIC) for seat in ("host", "g0", "g1"))
DISK = {"spool_refuse_below_mb": "16", "spool_stop_below_mb": "1"}
MOST_OF_IT = bytes(26 << 20)
SAID = 50
WORD = 16  # bytes


async def hear_each_other(one: Bot, other: Bot, of_one: TrackId, of_other: TrackId) -> None:
    """Both say so much, and not a word is lost."""
    words = {token_bytes(WORD) for _ in range(SAID)}
    for word in words:
        one.say(sound=word)
        other.say(sound=word)
    heard = one.received[of_other], other.received[of_one]
    await until(lambda: all(words <= {packet[-WORD:] for packet in packets} for packets in heard))


async def until_it_takes_rooms(node: RealNode, takes: bool) -> None:
    async with asyncio.timeout(60):
        while bool((await node.figures())["ieum_node_takes_rooms",]) is not takes:
            pass


async def test_a_node_beyond_its_limit_takes_no_new_room_and_keeps_the_one_that_runs_whole(tmp_path: Path) -> None:
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o700)
    with a_small_disk(data_dir / "spool", "size=32m,mode=0700") as disk:
        async with real_node(data_dir, **DISK) as node, played_web(node) as web:
            await web.open("running", everybody(2))
            host = await web.enter("running", "host")
            guest = await admitted(web, "running", "g0")
            for bot in (host, guest):
                await bot.publish(Source.MIC)
            await host.want(GUEST_MIC)
            await guest.want(HOST_MIC)
            await until(lambda: host.say() and guest.say() and host.heard[GUEST_MIC] and guest.heard[HOST_MIC])

            (disk / "of something else").write_bytes(MOST_OF_IT)
            await until_it_takes_rooms(node, False)
            await web.open("another", everybody(1))
            await until(lambda: web.refused == ["another"])
            await hear_each_other(host, guest, HOST_MIC, GUEST_MIC)
            late = await admitted(web, "running", "g1")
            await late.publish(Source.MIC)
            await late.want(HOST_MIC)
            await host.want(GUEST_MIC, LATE_MIC)
            await until(lambda: host.say() and late.say() and host.heard[LATE_MIC] and late.heard[HOST_MIC])

            (disk / "of something else").unlink()
            await until_it_takes_rooms(node, True)
            await web.open("another", everybody(1))
            await web.enter("another", "host")
            await hear_each_other(host, guest, HOST_MIC, GUEST_MIC)
            assert web.refused == ["another"]
