"""What the load of `./run bench media` says of what it sent and of what came."""

import asyncio
import contextlib
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from pylibsrtp import Error as SrtpError

from recordings.packetise import RtpStream
from tests.bench import media_load
from tests.bench.media_arrivals import SAMPLE, Arrivals
from tests.bench.media_bots import LoadBot
from tests.bench.media_load import Load
from tests.bench.media_packets import Incoming, Outgoing
from tests.bench.media_wheel import TICK_S, Wheel

BEGAN_NS = 1_760_000_000_000_000_000
VOICE, OTHER, SILENT, CAMERA = 0x1000, 0x1010, 0x1020, 0x2000
MS = 1_000_000


def voice(ssrc: int) -> Outgoing:
    return Outgoing(RtpStream(ssrc, 111), False, 100, 1, 960, 1, per_turn=2)


def camera(packets: int = 1) -> Outgoing:
    return Outgoing(RtpStream(CAMERA, 96), True, 1090, packets, 600, 150, per_turn=6)


def incoming(stream: Outgoing) -> Incoming:
    return Incoming(stream.is_picture, {stream.stream.ssrc: stream})


class Session:
    """What it is given is plain already, or cannot be unprotected."""

    broken = False

    def unprotect(self, packet: bytes) -> bytes:
        if self.broken:
            raise SrtpError(1)
        return packet


class Heard:
    """Voices at one who hears them, from `BEGAN_NS` on."""

    def __init__(self, *streams: Outgoing) -> None:
        self.arrivals, self._session = Arrivals(), Session()
        for stream in streams:
            self.arrivals.expect(self._session, stream.stream.ssrc, incoming(stream))
        self.arrivals.begin(BEGAN_NS)

    def comes(self, stream: Outgoing, at_ms: int) -> None:
        """One packet of it."""
        packet = stream.packets(BEGAN_NS)[0]
        self.arrivals.count(memoryview(packet), BEGAN_NS + at_ms * MS, self._session)

    def longest_gap_ms(self, ended_ms: int, *sent: Outgoing) -> float:
        """When these were sent until then."""
        self.arrivals.close_gaps(BEGAN_NS + ended_ms * MS, sent)
        return self.arrivals.longest_gap_ms


def test_arrivals_count_what_is_damaged_of_each_stream_and_never_forget_that_there_was_any() -> None:
    arrivals, session, stream = Arrivals(), Session(), voice(VOICE)
    arrivals.expect(session, VOICE, incoming(stream))
    for broken in (False, True):
        session.broken = broken
        for _ in range(SAMPLE):
            arrivals.count(memoryview(stream.packets(BEGAN_NS)[0]), BEGAN_NS + 2 * MS, session)
    assert arrivals.packets == {False: 2 * SAMPLE}
    assert (arrivals.delays_ms, arrivals.damaged) == ([2.0], 1)
    arrivals.begin(BEGAN_NS)
    assert (arrivals.damaged, arrivals.all_damaged) == (0, 1)


def test_a_load_has_settled_when_something_of_every_track_has_come() -> None:
    first, second = voice(VOICE), voice(OTHER)
    heard = Heard(first, second)
    heard.comes(first, 0)
    assert not heard.arrivals.all_have_come
    heard.comes(second, 20)
    heard.arrivals.begin(BEGAN_NS)
    assert heard.arrivals.all_have_come


def test_a_voice_that_stops_for_good_has_a_gap_up_to_where_sending_ends() -> None:
    stays, stops = voice(VOICE), voice(OTHER)
    heard = Heard(stays, stops)
    for at_ms in range(0, 1_000, 20):
        heard.comes(stays, at_ms)
    heard.comes(stops, 0)
    heard.comes(stops, 20)
    assert heard.arrivals.longest_gap_ms == 20
    assert heard.longest_gap_ms(1_000, stays, stops) == 980


def test_a_voice_that_never_comes_or_comes_late_has_a_gap_from_where_sending_began() -> None:
    late, never = voice(VOICE), voice(SILENT)
    heard = Heard(late, never)
    heard.comes(late, 300)
    assert heard.arrivals.longest_gap_ms == 300
    assert heard.longest_gap_ms(500, late, never) == 500


def test_who_is_not_sent_leaves_no_gap_and_no_picture_does() -> None:
    stays, silent, picture = voice(VOICE), voice(SILENT), camera()
    heard = Heard(stays, silent, picture)
    heard.comes(stays, 20)
    heard.comes(stays, 40)
    assert heard.longest_gap_ms(50, stays, picture) == 20


def test_a_voice_that_comes_while_nothing_is_sent_any_more_has_no_further_gap() -> None:
    stays = voice(VOICE)
    heard = Heard(stays)
    heard.comes(stays, 15)
    heard.comes(stays, 45)
    assert heard.longest_gap_ms(40, stays) == 30


class Clock:
    """Goes on by half a tick with each look, and where a test lets it."""

    now_s = 100.0

    def __call__(self) -> float:
        self.now_s += TICK_S / 2
        return self.now_s


class Slow(LoadBot):
    """A publisher; each frame takes what `takes` says, and after the last it ends the wheel."""

    def __init__(self, outgoing: list[Outgoing], clock: Clock, takes: Callable[[int], float], frames: int) -> None:
        self.outgoing, self._clock, self._takes, self._left = outgoing, clock, takes, frames

    def send(self, stream: Outgoing) -> None:
        if not self._left:
            raise asyncio.CancelledError
        self._left -= 1
        self._clock.now_s += self._takes(self._left)


def test_what_is_due_is_a_turn_of_the_wheel_each_forty_milliseconds() -> None:
    wheel, clock = Wheel(), Clock()
    wheel.load([Slow([voice(VOICE), camera()], clock, lambda _: 0.0, 0)] * 3)
    assert wheel.packets_per_s == pytest.approx(3 * 200)
    wheel.load([Slow([camera(packets=2)], clock, lambda _: 0.0, 0)])
    assert wheel.packets_per_s == pytest.approx(300)
    wheel.load([])
    assert (wheel.packets_per_s, wheel.streams) == (0, set())


async def test_the_wheel_tells_how_late_the_load_itself_came_to_a_tick() -> None:
    clock = Clock()
    wheel = Wheel(clock)
    wheel.load([Slow([voice(VOICE)], clock, lambda left: 0.25 if left == 5 else 0.0, 10)])
    with contextlib.suppress(asyncio.CancelledError):
        await wheel.turn()
    assert wheel.latest_s == pytest.approx(0.25, abs=0.01)


class Talker(LoadBot):
    """A publisher for whose frames the load needs so long; `enough` is set after so many."""

    def __init__(self, clock: Clock, takes_s: float, frames: int) -> None:
        self.outgoing, self.enough = [voice(VOICE)], asyncio.Event()
        self._clock, self._takes_s, self._frames = clock, takes_s, frames

    def send(self, stream: Outgoing) -> None:
        stream.packets(BEGAN_NS)
        self._clock.now_s += self._takes_s
        if stream.sent == self._frames:
            self.enough.set()


@pytest.mark.parametrize(("takes_s", "sent_share"), [(0.0, 1.0), (0.02, 0.5)])
async def test_a_load_that_needs_twice_the_time_it_has_sends_half_of_what_is_due_and_says_so(
    monkeypatch: pytest.MonkeyPatch, takes_s: float, sent_share: float
) -> None:
    clock = Clock()
    ours = SimpleNamespace(monotonic=clock, time_ns=lambda: BEGAN_NS, process_time=lambda: 0.0)
    monkeypatch.setattr(media_load, "time", ours)
    monkeypatch.setattr(media_load, "DRAIN_S", 0.0)
    load, talker = Load(None), Talker(clock, takes_s, 20)  # type: ignore[arg-type]  # nobody joins
    load._wheel, load.rooms = Wheel(clock), [[talker]]  # type: ignore[list-item]
    load.send_in(1)
    taken = await load.stretch_while(talker.enough.wait(), 0.0)
    assert taken.sent == 20, "until it is done and no longer"
    assert taken.sent_share == pytest.approx(sent_share, rel=0.1)
    assert taken.is_sent is (takes_s == 0)
