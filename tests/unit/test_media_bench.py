"""What `./run bench media` takes for a packet as it was sent, and which runs count."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from recordings.packetise import RtpStream
from tests.bench import media, media_cost, media_pairs
from tests.bench.media import parsed
from tests.bench.media_load import Load, Shape
from tests.bench.media_packets import Incoming, Outgoing
from tests.bench.media_pairs import PAIRS, Pairs, Run, TooLoud, in_turns
from tests.bench.media_recording import Recorded, check
from tests.bench.media_side import EngineName, Figures, Running
from tests.bench.media_steps import in_ms
from tests.media_runs import LOUD, QUIET, a_run
from tools.programs import Program

LEFT_NS = 1_760_000_000_000_000_000
VOICE, CAMERA, STRANGER = 0x1000, 0x2000, 0x3000


ASKED_AFTER_PINNING = """
import os
from tests.bench.cores import cores, load_on_its_core
load_on_its_core()
print(*os.sched_getaffinity(0), *cores())
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core: load and engine have to share it")
def test_the_engine_has_another_core_than_the_load_that_was_put_on_its_own() -> None:
    said = subprocess.run([sys.executable, "-c", ASKED_AFTER_PINNING], capture_output=True, text=True, check=True)
    load, load_as_said, engine = said.stdout.split()
    assert load == load_as_said != engine


def outgoing(ssrc: int, *, is_picture: bool) -> Outgoing:
    return Outgoing(RtpStream(ssrc, 96), is_picture, 1090 if is_picture else 100, 2 if is_picture else 1, 3600, 3)


def incoming(*streams: Outgoing) -> Incoming:
    return Incoming(streams[0].is_picture, {stream.stream.ssrc: stream for stream in streams})


@pytest.mark.parametrize("is_picture", [False, True])
def test_packets_as_they_were_sent_tell_when_they_left(is_picture: bool) -> None:
    stream = outgoing(CAMERA, is_picture=is_picture)
    sent = [packet for number in range(300) for packet in stream.packets(LEFT_NS + number)]
    assert {len(packet) for packet in sent} == {12 + stream.packet_bytes}
    at = incoming(stream)
    left_ns = [at.left_ns(packet) for packet in sent]
    assert left_ns == [LEFT_NS + number for number in range(300) for _ in range(stream.packets_per_frame)]


def test_what_engines_write_anew_is_no_damage() -> None:
    stream = outgoing(CAMERA, is_picture=True)
    packet = stream.packets(LEFT_NS)[0]
    extended = bytes([packet[0] | 0x10]) + packet[1:12] + b"\xbe\xde\0\1\x10\0\0\0"
    descriptor = b"\x90\xe0\x81\x23\x07\x00"  # another picture id, TL0PICIDX and TID
    assert incoming(stream).left_ns(extended + descriptor + packet[16:]) == LEFT_NS


@pytest.mark.parametrize("is_picture", [False, True])
@pytest.mark.parametrize(
    "harm",
    [
        lambda packet: packet[:-1],
        lambda packet: packet[:-40],
        lambda packet: packet[:20],
        lambda packet: packet[:12],
        lambda packet: packet + b"\0",
        lambda packet: packet[:-1] + bytes([packet[-1] ^ 1]),
        lambda packet: packet[:16] + bytes([packet[16] ^ 0x40]) + packet[17:],
        lambda packet: packet.replace(LEFT_NS.to_bytes(8), (LEFT_NS + 1).to_bytes(8)),
        lambda _: b"",
    ],
)
def test_a_payload_that_is_cut_off_or_changed_anywhere_is_damaged(
    harm: Callable[[bytes], bytes], is_picture: bool
) -> None:
    stream = outgoing(CAMERA, is_picture=is_picture)
    assert incoming(stream).left_ns(harm(stream.packets(LEFT_NS)[0])) is None


def test_a_packet_in_the_stream_of_another_is_damaged() -> None:
    ours, stranger = outgoing(CAMERA, is_picture=True), outgoing(STRANGER, is_picture=True)
    assert incoming(ours).left_ns(stranger.packets(LEFT_NS)[0]) is None
    assert incoming(ours, stranger).left_ns(stranger.packets(LEFT_NS)[0]) == LEFT_NS, "a layer of the same camera"
    assert incoming(ours).left_ns(outgoing(VOICE, is_picture=False).packets(LEFT_NS)[0]) is None


async def test_an_engine_that_damages_packets_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    async def figures() -> Figures:
        return Figures(0.0, 0.0, 0, None)

    @asynccontextmanager
    async def no_engine(*_: object) -> AsyncIterator[Running]:
        yield Running(SimpleNamespace(figures=figures, name="ours"), Path())  # type: ignore[arg-type]

    async def no_time(*_: object) -> SimpleNamespace:
        return SimpleNamespace(is_whole=True)

    monkeypatch.setattr(media_pairs, "side", no_engine)
    monkeypatch.setattr(media_pairs, "address", lambda: "")
    monkeypatch.setattr(Load, "stretch", no_time)
    with pytest.raises(SystemExit, match="3 packets came damaged or in a wrong stream from ours"):
        async with media_pairs.filled("ours", Shape("nobody", 0, 0), 0) as (_, load, _took):
            load.arrivals.all_damaged = 3


def test_a_seat_has_both_connections_and_who_only_sends_or_watches_has_one() -> None:
    assert [shape.unit for shape, _ in media_cost.COSTS] == ["a connection", "a connection", "a seat"]


def test_what_is_not_measured_is_not_printed_as_nothing() -> None:
    assert [in_ms(seconds).strip() for seconds in (None, 0.0, 0.0123)] == ["not measured", "0.0 ms", "12.3 ms"]


def test_rate_and_core_are_of_the_time_in_which_anything_is_sent() -> None:
    one = a_run(cpu_s=1.5, forwarded=12_000)
    assert one.packets_per_s == pytest.approx(4_000)
    assert one.core == pytest.approx(0.5)
    assert "out    4000/s" in str(one)


async def pairs_of(wanted: int, *runs: Run) -> tuple[Pairs[Run], list[EngineName]]:
    """Pairs from these runs, the last of them for ever, and who ran when."""
    ran: list[EngineName] = []

    async def take(name: EngineName) -> Run:
        ran.append(name)
        return runs[min(len(ran), len(runs)) - 1]

    return await in_turns(wanted, take), ran


async def test_who_runs_first_changes_with_every_pair() -> None:
    _, ran = await pairs_of(3, QUIET)
    assert ran == ["ours", "janus", "janus", "ours", "ours", "janus"]


async def test_a_pair_of_which_one_run_was_loud_is_thrown_away_and_taken_again() -> None:
    pairs, ran = await pairs_of(2, QUIET, LOUD, QUIET)
    assert (len(pairs.kept), pairs.taken, len(ran)) == (2, 3, 6)
    assert all(run.is_quiet for pair in pairs.kept for run in pair.values())


async def test_nothing_is_said_of_a_machine_that_others_use() -> None:
    with pytest.raises(TooLoud, match="Other programs"):
        await pairs_of(3, LOUD)
    with pytest.raises(TooLoud, match="Other programs"):
        await pairs_of(3, QUIET, QUIET, LOUD)


async def test_what_two_quiet_pairs_say_is_said_though_more_were_wanted() -> None:
    pairs, ran = await pairs_of(3, QUIET, QUIET, QUIET, QUIET, LOUD)
    assert (len(pairs.kept), len(ran)) == (2, 12)


def test_without_janus_it_stops_with_how_to_get_it_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @contextmanager
    def measures() -> Iterator[list[str]]:
        yield ["false"]

    monkeypatch.setattr(media, "own_namespace", measures)
    monkeypatch.setattr(Program, "path", lambda _: None)
    with pytest.raises(SystemExit, match="apt-get install janus"):
        media.main(["idle"])


@pytest.mark.parametrize(("wanted", "is_few"), [(PAIRS - 1, True), (PAIRS, False)])
async def test_fewer_pairs_than_a_median_needs_are_said_to_be_few(
    capsys: pytest.CaptureFixture[str], wanted: int, is_few: bool
) -> None:
    await pairs_of(wanted, QUIET)
    assert ("fewer than 7: no median to rely on" in capsys.readouterr().out) is is_few


def test_every_part_takes_seven_pairs_where_nothing_else_is_asked_for() -> None:
    assert parsed(["rooms", "overload", "joins"]).pairs == PAIRS == 7
    assert parsed(["joins", "--pairs", "2"]).pairs == 2


async def test_one_pair_is_enough_where_one_is_wanted() -> None:
    pairs, _ = await pairs_of(1, a_run(cpu_s=0.5), a_run(cpu_s=0.25))
    assert str(pairs.of("ours", lambda one: one.us_per_packet)) == "50.0 (50.0 to 50.0)"
    assert pairs.ratio(lambda one: one.us_per_packet).in_hundredths == "2.00 (2.00 to 2.00)"


def test_recording_is_told_by_what_the_whole_node_takes_for_as_many_packets() -> None:
    recorded = Recorded(off=a_run(cpu_s=0.5), on=a_run(cpu_s=0.6, forwarded=10_000))
    assert recorded.more_percent == pytest.approx(10.0)
    assert recorded.us_per_written == pytest.approx(20.0), "two forwarded for each that is sent"


def test_a_recording_that_cannot_be_read_again_is_not_measured() -> None:
    whole = {"written": 95, "dropped": 0, "failures": []}
    check(whole, 100)
    for broken in ({"written": 80}, {"dropped": 1}, {"failures": ["disk_full"]}):
        with pytest.raises(SystemExit, match="nothing can be said"):
            check(whole | broken, 100)
