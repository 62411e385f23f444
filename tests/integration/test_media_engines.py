"""What every `MediaEngine` promises (signaling/media/port.py), asked of each engine we ship."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from recordings.packetise import RtpStream
from recordings.sample_guest import play_picture, play_sound
from recordings.synthetic import picture, voice
from signaling.errors import Code, MediaRefused
from signaling.media.janus.settings import JanusProgram
from signaling.media.loopback_engine import LoopbackClient, LoopbackEngine
from signaling.media.port import (
    CallId,
    DownSlot,
    MediaEngine,
    PathState,
    PeerConnection,
    Published,
    SeatId,
    Source,
    Track,
    TrackId,
    Wanted,
    track_id,
)
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bots import Bot, Ear, EngineDoor
from tests.janus import janus_engine
from tests.waiting import until

CALL = CallId("call1")
ANNA, BERTA, CARLA = SeatId("anna"), SeatId("berta"), SeatId("carla")
ANNA_MIC, ANNA_CAMERA = track_id(ANNA, Source.MIC), track_id(ANNA, Source.CAMERA)
BERTA_MIC = track_id(BERTA, Source.MIC)
FRAMES = picture(1, 160, 90, 15, seed=1)


class Client(Protocol):
    """One seat's browser, whatever the engine."""

    heard: Counter[TrackId]

    async def publish(self, *sources: Source) -> str: ...
    async def want(self, *tracks: TrackId) -> None: ...
    async def on_down_offer(self, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None: ...
    def say(self) -> bytes: ...
    def show(self, frame: bytes) -> list[bytes]: ...
    async def close(self) -> None: ...


class LoopbackBot:
    """A client of the loopback engine."""

    def __init__(self, engine: LoopbackEngine, seat: SeatId) -> None:
        self.heard: Counter[TrackId] = Counter()
        self._engine, self._seat = engine, seat
        self._sound, self._picture = RtpStream(1, 111), RtpStream(2, 96)

    async def publish(self, *sources: Source) -> str:
        published = [Published(str(number), source) for number, source in enumerate(sources)]
        return await self._engine.answer_up(CALL, self._seat, 1, "offer", published)

    async def want(self, *tracks: TrackId) -> None:
        self._client().on_packet = self._take
        await self._engine.want(CALL, self._seat, [Wanted(track, 720, True, 1) for track in tracks])

    async def on_down_offer(self, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        await self._engine.answer_down(CALL, self._seat, neg, "answer")

    def say(self) -> bytes:
        packet = self._sound.opus(b"\xf8\xff\xfe", 0)
        self._client().send(Source.MIC, packet)
        return packet

    def show(self, frame: bytes) -> list[bytes]:
        packets = self._picture.vp8(frame, 0)
        for packet in packets:
            self._client().send(Source.CAMERA, packet)
        return packets

    async def close(self) -> None:
        """Nothing is open."""

    def _client(self) -> LoopbackClient:
        return self._engine.client(CALL, self._seat)

    def _take(self, track: TrackId, packet: bytes) -> None:
        self.heard[track] += 1


class Room:
    """One call on one engine, with clients that answer their down-offers."""

    def __init__(self, engine: MediaEngine) -> None:
        self.engine = engine
        self.ear = Ear()
        self.clients: dict[SeatId, Client] = {}
        engine.listen(CALL, self.ear)

    async def enter(self, seat: SeatId) -> Client:
        """Admit a seat and give it a browser."""
        await self.engine.admit(CALL, seat)
        client: Client
        if isinstance(self.engine, LoopbackEngine):
            client = LoopbackBot(self.engine, seat)
        else:
            client = Bot(EngineDoor(self.engine, CALL, seat))
        self.clients[seat] = client
        self.ear.bots[seat] = client  # type: ignore[assignment]  # it only needs on_down_offer
        return client

    async def talk_until_heard(self, speaker: Client, listener: Client, track: TrackId = ANNA_MIC) -> None:
        """Go on saying things until one arrives."""
        before = listener.heard[track]

        def heard() -> bool:
            speaker.say()
            return listener.heard[track] > before

        await until(heard)

    async def close(self) -> None:
        """Leave nothing behind."""
        for client in self.clients.values():
            await client.close()
        await self.engine.close()


@pytest.fixture(params=["loopback", "sfu", "janus"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> MediaEngine:
    """Each engine we ship; whoever takes it closes it."""
    if request.param == "loopback":
        return LoopbackEngine()
    if request.param == "sfu":
        return SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
    ours: JanusProgram = request.getfixturevalue("janus_program")
    return await janus_engine(ours)


@pytest.fixture
async def room(engine: MediaEngine) -> AsyncIterator[Room]:
    made = Room(engine)
    yield made
    await made.close()


class Heard:
    """A tap that remembers."""

    def __init__(self) -> None:
        self.packets: list[tuple[TrackId, bytes]] = []
        self.reports = 0

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.packets.append((track.id, packet))

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        self.reports += 1


class Broken(Heard):
    """A tap with a fault."""

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        raise RuntimeError("a fault in a tap")


async def test_a_track_is_announced_once_and_only_when_its_first_packet_came(room: Room) -> None:
    anna = await room.enter(ANNA)
    await anna.publish(Source.MIC)
    await until(lambda: (ANNA, PeerConnection.UP, PathState.CONNECTED) in room.ear.paths)
    assert room.ear.published == []
    for _ in range(5):
        anna.say()
    await until(lambda: room.ear.published)
    assert room.ear.published == [ANNA_MIC]


async def test_who_wants_a_track_gets_it_and_nobody_else_does(room: Room) -> None:
    anna, berta, carla = [await room.enter(seat) for seat in (ANNA, BERTA, CARLA)]
    await anna.publish(Source.MIC, Source.CAMERA)
    await berta.want(ANNA_MIC)
    await carla.want(ANNA_CAMERA)
    await room.talk_until_heard(anna, berta)
    await until(lambda: anna.show(FRAMES[0]) and carla.heard[ANNA_CAMERA])
    assert berta.heard[ANNA_CAMERA] == 0
    assert carla.heard[ANNA_MIC] == 0
    assert not anna.heard


async def test_nobody_gets_their_own_voice_back(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await anna.publish(Source.MIC)
    await berta.publish(Source.MIC)
    await anna.want(ANNA_MIC, BERTA_MIC)
    await room.talk_until_heard(berta, anna, BERTA_MIC)
    slots = [slots for seat, _neg, _sdp, slots in room.ear.offers if seat == ANNA]
    assert {slot.track for offered in slots for slot in offered} == {BERTA_MIC}


async def test_a_wish_for_a_track_that_is_not_there_yet_is_kept(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await berta.want(ANNA_MIC)
    await anna.publish(Source.MIC)
    await room.talk_until_heard(anna, berta)


async def test_nobody_can_send_or_receive_without_having_been_admitted(room: Room) -> None:
    stranger = SeatId("stranger")
    published = [Published("0", Source.MIC)]
    for attempt in (
        room.engine.answer_up(CALL, stranger, 1, "offer", published),
        room.engine.want(CALL, stranger, [Wanted(ANNA_MIC, 0, True, 1)]),
        room.engine.answer_down(CALL, stranger, 1, "answer"),
        room.engine.restart_down(CALL, stranger),
        room.engine.reset(CALL, stranger, PeerConnection.UP),
    ):
        with pytest.raises(MediaRefused) as refused:
            await attempt
        assert refused.value.code is Code.UNKNOWN_SEAT


async def test_a_call_that_is_not_open_is_refused(room: Room) -> None:
    with pytest.raises(MediaRefused) as refused:
        await room.engine.admit(CallId("another"), ANNA)
    assert refused.value.code is Code.UNKNOWN_CALL


async def test_a_released_seat_is_heard_no_more_and_hears_no_more(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    for client, other in ((anna, BERTA_MIC), (berta, ANNA_MIC)):
        await client.publish(Source.MIC)
        await client.want(other)
    await room.talk_until_heard(anna, berta)
    await room.talk_until_heard(berta, anna, BERTA_MIC)
    await room.engine.release(CALL, ANNA)
    await until(lambda: room.ear.unpublished)
    assert room.ear.unpublished == [ANNA_MIC]
    before = Counter(anna.heard)
    berta.say()
    with pytest.raises(MediaRefused):
        await room.engine.want(CALL, ANNA, [])
    await room.engine.release(CALL, ANNA)
    assert anna.heard == before


async def test_a_track_that_is_taken_back_is_unpublished_and_can_come_again(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    await anna.publish()
    await until(lambda: room.ear.unpublished == [ANNA_MIC])
    await anna.publish(Source.MIC)
    await room.talk_until_heard(anna, berta)
    assert room.ear.published == [ANNA_MIC, ANNA_MIC]


async def test_offers_are_numbered_upwards_and_a_late_answer_changes_nothing(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await anna.publish(Source.MIC, Source.CAMERA)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    await room.engine.answer_down(CALL, BERTA, 0, "late")
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await until(lambda: anna.show(FRAMES[0]) and berta.heard[ANNA_CAMERA])
    negs = [neg for seat, neg, _sdp, _slots in room.ear.offers if seat == BERTA]
    assert negs == sorted(set(negs))
    assert len(negs) == 2


async def test_an_m_line_is_never_taken_away_but_used_again(room: Room) -> None:
    anna, berta, carla = [await room.enter(seat) for seat in (ANNA, BERTA, CARLA)]
    await anna.publish(Source.MIC)
    await berta.publish(Source.MIC)
    await carla.want(ANNA_MIC)
    await room.talk_until_heard(anna, carla)
    await carla.want(BERTA_MIC)
    await room.talk_until_heard(berta, carla, BERTA_MIC)
    slots = [slots for seat, _neg, _sdp, slots in room.ear.offers if seat == CARLA]
    assert [[(slot.mid, slot.track) for slot in offered] for offered in slots] == [
        [("0", ANNA_MIC)],
        [("0", BERTA_MIC)],
    ]


async def test_a_down_connection_that_is_built_anew_is_offered_everything_again(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    before = room.ear.offers[-1]
    await room.engine.reset(CALL, BERTA, PeerConnection.DOWN)
    await until(lambda: room.ear.offers[-1] != before)
    _seat, neg, _sdp, slots = room.ear.offers[-1]
    assert neg == before[1] + 1
    assert [slot.track for slot in slots] == [ANNA_MIC]


async def test_a_tap_hears_every_packet_as_published_until_it_is_detached(room: Room) -> None:
    anna, tap = await room.enter(ANNA), Heard()
    await anna.publish(Source.MIC, Source.CAMERA)
    room.engine.attach(CALL, tap)
    room.engine.attach(CALL, tap)
    sent = [(ANNA_MIC, anna.say()) for _ in range(20)] + [(ANNA_CAMERA, p) for p in anna.show(FRAMES[0])]
    await until(lambda: len(tap.packets) >= len(sent))
    assert tap.packets == sent
    room.engine.detach(CALL, tap)
    witness = Heard()
    room.engine.attach(CALL, witness)
    anna.say()
    await until(lambda: witness.packets)
    assert len(tap.packets) == len(sent)


async def test_a_tap_that_fails_is_let_go_and_the_others_hear_on(room: Room) -> None:
    anna, berta, tap = await room.enter(ANNA), await room.enter(BERTA), Heard()
    room.engine.attach(CALL, Broken())
    room.engine.attach(CALL, tap)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    await until(lambda: tap.packets)


async def test_a_sample_guest_is_seen_and_heard_like_any_other_and_ends_with_its_seat(room: Room) -> None:
    await room.engine.admit(CALL, ANNA)
    berta, tap = await room.enter(BERTA), Heard()
    room.engine.attach(CALL, tap)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    sound, camera = (room.engine.open_inlet(CALL, ANNA, source) for source in (Source.MIC, Source.CAMERA))
    async with asyncio.TaskGroup() as guest:
        tasks = [
            guest.create_task(play_sound(voice(0.5, 0.5, 440), sound, 1)),
            guest.create_task(play_picture(FRAMES, 15, camera, 2)),
        ]
        await until(lambda: berta.heard[ANNA_MIC] > 5 and berta.heard[ANNA_CAMERA] > 5)
        await room.engine.release(CALL, ANNA)
        await until(lambda: set(room.ear.unpublished) == {ANNA_MIC, ANNA_CAMERA})
        before = Counter(track for track, _packet in tap.packets)
        sound.write(tap.packets[0][1])
        assert Counter(track for track, _packet in tap.packets) == before
        for task in tasks:
            task.cancel()


async def test_a_closed_call_says_nothing_more_and_closing_twice_is_harmless(room: Room) -> None:
    anna = await room.enter(ANNA)
    await anna.publish(Source.MIC)
    await until(lambda: anna.say() and room.ear.published)
    assert (room.engine.load().calls, room.engine.load().seats) == (1, 1)
    await room.engine.close_call(CALL)
    await room.engine.close_call(CALL)
    await asyncio.sleep(0)
    assert room.ear.unpublished == []
    assert (room.engine.load().calls, room.engine.load().seats) == (0, 0)
    with pytest.raises(MediaRefused):
        await room.engine.admit(CALL, ANNA)
