"""Who loses the socket while media stand, and comes back: both hear each other, whatever happened meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from signaling.frames import AnyFrame, ConnClose, ConnOpen, ConnPush
from signaling.media.port import CallId, SeatId, Source, TrackId, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.negotiation import ANSWER_TIMEOUT_S
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests import signalling
from tests.bots import Bot
from tests.media_stage import JumpingClock
from tests.real_node import NAME, ClientDoor, PlayedWeb, admitted, everybody
from tests.waiting import until

HOST, GUEST = SeatId("host"), SeatId("g0")
HOST_MIC, HOST_CAMERA = track_id(HOST, Source.MIC), track_id(HOST, Source.CAMERA)
GUEST_MIC = track_id(GUEST, Source.MIC)
CONN, AGAIN = "c1-g0", "c1-g0-again"


class ReturningWeb(PlayedWeb):
    """Its guest comes back, and builds anew what the node gave up, as a page does."""

    def __init__(self, url: str, secret: str) -> None:
        super().__init__(url, secret)
        self.told: list[str] = []  # to the guest since it came back
        self._token = ""
        self._rebuilding: set[asyncio.Task[None]] = set()

    def node_said(self, node: str, frame: AnyFrame) -> None:
        match frame:
            case ConnPush(conn=conn, event="state") if conn == CONN:
                self._token = frame.data["resume"].rpartition(".")[2]
            case ConnPush(conn=conn) if conn == AGAIN:
                self.told.append(frame.event)
        if isinstance(frame, ConnPush) and (frame.conn, frame.event) == (AGAIN, "media.reset"):
            assert frame.data["pc"] == "down"
            task = asyncio.create_task(self._rebuild_down(self.bots[AGAIN]))
            self._rebuilding.add(task)
            task.add_done_callback(self._rebuilding.discard)
        super().node_said(node, frame)

    async def _rebuild_down(self, guest: Bot) -> None:
        await guest.rebuild_down()
        await guest.want(HOST_MIC, HOST_CAMERA)

    async def lose_guest(self) -> None:
        """The socket is gone; media stand."""
        self.link.send(ConnClose(conn=CONN))
        await self.ask("c1-host", "state.get")  # by now the node knows

    async def guest_comes_back(self) -> None:
        """By its resume token, with the same peer connections, of which it asks for a new path on the way down."""
        guest = self.bots[AGAIN] = self.bots.pop(CONN)
        guest.door = ClientDoor(partial(self.ask, AGAIN))
        opened = self._opened[AGAIN] = asyncio.Event()
        self.link.send(ConnOpen(conn=AGAIN, call="c1", seat=GUEST, via="resume", token=self._token))
        await asyncio.wait_for(opened.wait(), 20)
        await self.ask(AGAIN, "down.restart", reason="resumed")


class Talk:
    """A host and a guest who hear each other, on a node whose media has a clock of the test's."""

    def __init__(self, engine: SfuEngine, clock: JumpingClock, web: ReturningWeb, host: Bot, guest: Bot) -> None:
        self.engine, self.clock, self.web, self.host, self.guest = engine, clock, web, host, guest

    async def hear_each_other(self) -> None:
        """Speak until both have heard five more packets."""
        for speaker, listener, track in ((self.host, self.guest, HOST_MIC), (self.guest, self.host, GUEST_MIC)):
            await until(partial(_heard, speaker, listener, track, listener.heard[track] + 5))

    async def host_turns_camera_on(self) -> None:
        """The offer of it is made to a guest who is not there."""
        await self.host.publish(Source.MIC, Source.CAMERA)
        negotiation = self.engine._calls[CallId("c1")].seats[GUEST]._down.negotiation  # type: ignore[union-attr]
        await until(lambda: negotiation.stage == "offered")


def _heard(speaker: Bot, listener: Bot, track: TrackId, goal: int) -> bool:
    speaker.say()
    return listener.heard[track] >= goal


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    clock = JumpingClock()
    engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))), clock)
    async with signalling.running_node(tmp_path, engine, NAME):
        web = ReturningWeb(f"unix:{tmp_path / NAME}.sock", signalling.SECRET)
        web.link.start()
        await web.link.wait_until_up(20)
        await web.open("c1", everybody(1))
        host = await web.enter("c1", HOST)
        guest = await admitted(web, "c1", GUEST)
        for bot, tracks in ((host, (GUEST_MIC,)), (guest, (HOST_MIC, HOST_CAMERA))):
            await bot.publish(Source.MIC)
            await bot.want(*tracks)
        made = Talk(engine, clock, web, host, guest)
        await made.hear_each_other()
        yield made
        await web.close()


async def test_a_connection_given_up_while_its_seat_was_away_is_built_anew_at_once(talk: Talk) -> None:
    await talk.web.lose_guest()
    await talk.host_turns_camera_on()
    talk.clock.ahead_s += ANSWER_TIMEOUT_S + 0.5
    await until(lambda: talk.engine._calls[CallId("c1")].seats[GUEST]._down is None)
    await talk.web.guest_comes_back()
    assert talk.web.told[:2] == ["state", "media.reset"]
    await talk.hear_each_other()


async def test_an_offer_made_while_its_seat_was_away_is_answered_when_it_is_back(talk: Talk) -> None:
    await talk.web.lose_guest()
    await talk.host_turns_camera_on()
    await talk.web.guest_comes_back()
    await until(lambda: HOST_CAMERA in {slot.track for slot in talk.guest.slots.values()})
    await talk.hear_each_other()
    assert "media.reset" not in talk.web.told
