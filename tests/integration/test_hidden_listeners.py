"""Nobody hears a room but who is in the roster that everybody sees, and the recorder: whoever else does is cut."""

import logging
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path

import pytest

from signaling.media.port import CallId, SeatId, Source, Tap, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.feed import Subscription
from signaling.media.sfu.forwarding import Forwarder, OutgoingStream
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from signaling.node import TICK_S
from tests import signalling
from tests.bots import Bot, EngineDoor
from tests.engine_room import ANNA, ANNA_MIC, BERTA, CALL, CARLA, Heard, Room
from tests.real_node import NAME, PlayedWeb, admitted, everybody
from tests.waiting import until

HOST, GUEST = SeatId("host"), SeatId("g0")
HOST_MIC = track_id(HOST, Source.MIC)


async def test_an_engine_cuts_every_seat_and_every_tap_that_it_is_not_told_of(room: Room) -> None:
    anna, berta, carla = [await room.enter(seat) for seat in (ANNA, BERTA, CARLA)]
    recorder, listener = Heard(), Heard()
    room.engine.attach(CALL, recorder)
    await anna.publish(Source.MIC, Source.CAMERA)
    for other in (berta, carla):
        await other.want(ANNA_MIC)
        await room.talk_until_heard(anna, other)
    assert room.engine.keep_only(CALL, {ANNA, BERTA, CARLA}, [recorder]) == 0
    room.engine.attach(CALL, listener)
    assert room.engine.keep_only(CALL, {ANNA, BERTA}, [recorder]) == 2
    assert room.engine.keep_only(CALL, {ANNA, BERTA}, [recorder]) == 0
    until_cut = carla.heard[ANNA_MIC], len(listener.packets)
    await room.talk_until_heard(anna, berta)
    await room.tap_is_heard(anna, recorder, ANNA_MIC)
    if room.engine.capabilities.taps_at_once:  # Janus is asked, and does it in a moment
        assert (carla.heard[ANNA_MIC], len(listener.packets)) == until_cut
    assert room.engine.keep_only(CallId("another"), (), ()) == 0


class Watched:
    """A room on a node as it runs: a host speaks, a guest hears; and the engine's memory within reach."""

    def __init__(self, engine: SfuEngine, web: PlayedWeb, host: Bot, guest: Bot) -> None:
        self.engine, self.web, self.host, self.guest = engine, web, host, guest
        self.overheard: list[bytes] = []
        self.looks = 0
        keep_only = engine.keep_only

        def counted(call: CallId, roster: Collection[SeatId], taps: Collection[Tap]) -> int:
            self.looks += 1
            return keep_only(call, roster, taps)

        engine.keep_only = counted  # type: ignore[method-assign]

    def insert_subscription(self) -> None:
        """In memory, past every door: somebody is sent what the host says."""
        (feed,) = self.engine._calls[CallId("c1")].feeds()
        stream = OutgoingStream(7, 8, 111, 111, 0)
        feed.subscribe(Subscription(Forwarder(stream, 48_000), self.overheard.append))

    async def speaks_until(self, done: Callable[[], object]) -> None:
        await until(lambda: self.host.say() and done())


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
    async with signalling.running_node(tmp_path, engine, NAME):
        web = PlayedWeb(f"unix:{tmp_path / NAME}.sock", signalling.SECRET)
        web.link.start()
        await web.link.wait_until_up(20)
        await web.open("c1", everybody(1))
        host = await web.enter("c1", HOST)
        guest = await admitted(web, "c1", GUEST)
        await host.publish(Source.MIC)
        await guest.want(HOST_MIC)
        made = Watched(engine, web, host, guest)
        await made.speaks_until(lambda: guest.heard[HOST_MIC])
        yield made
        await web.close()


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.ERROR]


async def goes_on(watched: Watched) -> None:
    before = watched.guest.heard[HOST_MIC]
    await watched.speaks_until(lambda: watched.guest.heard[HOST_MIC] > before + 5)


async def test_a_subscription_that_was_put_into_memory_is_cut_with_the_next_look_and_told(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """Control: `CallRunner.cut_hidden_listeners`, every second. Without it the stranger hears on."""
    assert TICK_S <= 1.0
    watched.insert_subscription()
    await watched.speaks_until(lambda: watched.overheard)
    await watched.speaks_until(lambda: watched.engine.traffic.hidden_listeners == 1)
    heard = len(watched.overheard)
    await goes_on(watched)
    assert len(watched.overheard) == heard
    assert alarms(caplog) == ["media went to 1 who are in no roster; they were cut"]


async def test_a_seat_that_the_engine_has_and_the_roster_has_not_is_cut_and_told(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """Control: as above; the roster is `CallState.with_media`."""
    stranger = SeatId("stranger")
    await watched.engine.admit(CallId("c1"), stranger)
    bot = Bot(EngineDoor(watched.engine, CallId("c1"), stranger))
    await watched.speaks_until(lambda: watched.engine.traffic.hidden_listeners == 1)
    assert stranger not in watched.engine._calls[CallId("c1")].seats
    await bot.close()
    await goes_on(watched)
    assert len(alarms(caplog)) == 1


async def test_a_tap_that_is_not_the_recorders_is_cut_and_told(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    """Control: as above; the only tap is `RecordingSide.taps`."""
    tap = Heard()
    watched.engine.attach(CallId("c1"), tap)
    await watched.speaks_until(lambda: tap.packets)
    await watched.speaks_until(lambda: watched.engine.traffic.hidden_listeners == 1)
    heard = len(tap.packets)
    await goes_on(watched)
    assert len(tap.packets) == heard
    assert len(alarms(caplog)) == 1


async def test_people_who_come_and_go_raise_no_alarm(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    await watched.guest.publish(Source.MIC)
    await watched.host.want(track_id(GUEST, Source.MIC))
    before = watched.looks
    await watched.speaks_until(lambda: watched.looks > before + 1)
    await watched.web.ask(f"c1-{GUEST}", "room.leave")
    await watched.speaks_until(lambda: watched.looks > before + 3)
    assert watched.engine.traffic.hidden_listeners == 0
    assert alarms(caplog) == []
