"""One call on one engine, with clients that answer by themselves: what all engines are asked with."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from recordings.packetise import RtpStream
from recordings.synthetic import picture
from signaling.media.loopback_engine import LoopbackClient, LoopbackEngine
from signaling.media.port import (
    CallId,
    DownSlot,
    MediaEngine,
    Published,
    SeatId,
    Source,
    Track,
    TrackId,
    Wanted,
    track_id,
)
from tests.bots import Ear, EngineDoor
from tests.reporting_bot import ReportingBot
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
            client = ReportingBot(EngineDoor(self.engine, CALL, seat))
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

    async def tap_is_heard(self, speaker: Client, tap: "Heard", *tracks: TrackId) -> None:
        """Go on sending until the tap has heard these tracks, where it does not hear them at once."""

        def heard() -> bool:
            speaker.say()
            speaker.show(FRAMES[0])
            return set(tracks) <= {track for track, _packet in tap.packets}

        if not self.engine.capabilities.taps_at_once:
            await until(heard)

    async def close(self) -> None:
        """Leave nothing behind."""
        for client in self.clients.values():
            await client.close()
        await self.engine.close()


class Heard:
    """A tap that remembers."""

    def __init__(self) -> None:
        self.packets: list[tuple[TrackId, bytes]] = []
        self.reports: list[tuple[TrackId, int, int]] = []  # with NTP and RTP time

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.packets.append((track.id, packet))

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        self.reports.append((track.id, ntp_time, rtp_time))


class Broken(Heard):
    """A tap with a fault."""

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        raise RuntimeError("a fault in a tap")


def as_taps_compare(packets: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Packets of one track without what is the engine's own affair: their SSRC, and where sequence numbers begin."""
    first = int.from_bytes(packets[0][2:4]) if packets else 0
    return [((int.from_bytes(p[2:4]) - first) & 0xFFFF, p[:2] + p[4:8] + p[12:]) for p in packets]
