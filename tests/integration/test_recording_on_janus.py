"""What is recorded of a call on Janus: its packets by way of a forward, aligned by when they came.

Browsers send reports by which our own engine aligns them better; Janus keeps them to itself, and the recording says so.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import pytest
from av import CodecContext, VideoFrame

from recordings.clock import StreamClock
from recordings.depacketise import vp8_frames
from recordings.facts import read_facts
from recordings.rtp import Dropped, Packet, RecordedPart, Report, in_order
from recordings.survey import Survey, survey
from recordings.timeline import make_timeline, stream_clocks
from signaling.media.janus.settings import JanusProgram
from signaling.media.port import PeerConnection, Source, TrackId
from tests.call_facts import Journal
from tests.engine_room import ANNA, ANNA_CAMERA, ANNA_MIC, CALL, FRAMES, Heard, Room
from tests.janus import janus_engine
from tests.layered_bot import LayeredBot
from tests.recording_node import Node, a_node
from tests.reporting_bot import ReportingBot
from tests.rtp_media import START_NS
from tests.waiting import until

BEAT_S = 0.02
PICTURE_EVERY = 5  # beats, as many as the bot's clock says are between two frames
REPORTS_EVERY = 50
BEATS = 200
FRAME_S = 1 / 15
PICTURES, PACKETS = 20, 50  # of each part of a recording
LONGEST_S = 30.0
MOST_SKEW_NS = 150_000_000


@pytest.mark.parametrize("engine", ["sfu", "janus"], indirect=True)
async def test_sound_and_picture_of_a_seat_stay_together_with_and_without_sender_reports(
    tmp_path: Path, room: Room
) -> None:
    anna = await room.enter(ANNA)
    assert isinstance(anna, ReportingBot)
    await anna.publish(Source.MIC, Source.CAMERA)
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only([ANNA_MIC, ANNA_CAMERA])
        room.engine.attach(CALL, recorder)
        await speak_and_move(anna)
        await recorder.close()
        surveys = {track: surveyed(node, track, rate) for track, rate in ((ANNA_MIC, 48_000), (ANNA_CAMERA, 90_000))}

    ends = [surveys[track].stretches[-1] for track in surveys]
    assert all(len(surveys[track].stretches) == 1 and not surveys[track].stretches[0].lost_packets for track in surveys)
    assert all(end.packets > BEATS / PICTURE_EVERY / 2 for end in ends)
    assert abs(skew_ns(surveys)) <= MOST_SKEW_NS
    told = make_timeline([], surveys, {}, [ANNA]).to_json()
    by = "sender" if room.engine.capabilities.sender_reports else "arrival"
    assert [each["aligned_by"] for each in told["tracks"]] == [by, by]  # type: ignore[attr-defined]


@pytest.mark.parametrize("engine", ["sfu", "janus"], indirect=True)
async def test_of_a_camera_in_several_sizes_the_largest_that_comes_is_recorded_and_plays(
    tmp_path: Path, room: Room
) -> None:
    await room.engine.admit(CALL, ANNA)
    room.clients[ANNA] = anna = LayeredBot(room.engine, CALL, ANNA)
    await anna.publish(Source.CAMERA)
    async with a_node(tmp_path) as node:
        recorder, tap = node.record(), Heard()
        recorder.write_only([ANNA_CAMERA])
        room.engine.attach(CALL, recorder)
        room.engine.attach(CALL, tap)
        await film(anna, lambda: anna.layers_of([packet for _, packet in tap.packets])[-PICTURES:] == PICTURES * ["f"])
        anna.sending = ("q", "h")
        await film(anna, lambda: anna.layers_of([packet for _, packet in tap.packets])[-PICTURES:] == PICTURES * ["h"])
        await recorder.close()
        recorded = list(in_order([RecordedPart((1, 1), node.read(ANNA_CAMERA))]))

    seen = survey(recorded, 90_000)
    assert (len(seen.stretches), seen.stretches[0].lost_packets) == (1, 0), "one unbroken stream"
    sizes = [(picture.width, picture.height) for picture in decoded(recorded)]
    assert sizes.count((1280, 720)) >= PICTURES - 1
    assert sizes[-PICTURES + 1 :] == (PICTURES - 1) * [(640, 360)]
    assert room.ear.layers[ANNA][-1] == "f", "what is recorded is wanted, though nobody watches"


async def test_when_janus_dies_and_comes_back_the_recording_has_a_gap_that_is_marked(
    tmp_path: Path, janus_program: JanusProgram
) -> None:
    engine = await janus_engine(janus_program)
    room, journal = Room(engine), Journal()
    anna = await room.enter(ANNA)
    assert isinstance(anna, ReportingBot)
    await anna.publish(Source.MIC)
    journal.presence(since_start_s(), ANNA, "connected")
    journal.recording(since_start_s(), "recording_started", ANNA_MIC)
    async with a_node(tmp_path) as node:
        recorder, tap = node.record(), Heard()
        recorder.write_only([ANNA_MIC])
        engine.attach(CALL, recorder)
        engine.attach(CALL, tap)
        await speak(anna, lambda: len(tap.packets) > PACKETS)
        assert engine.process is not None
        assert engine.process.pid is not None
        died_ns = time.time_ns()
        os.kill(engine.process.pid, signal.SIGKILL)
        await until(lambda: (ANNA, PeerConnection.UP) in room.ear.resets)
        await anna.rebuild_up()
        before = len(tap.packets)
        await speak(anna, lambda: len(tap.packets) > before + PACKETS)
        back_ns = time.time_ns()
        await recorder.close()
        surveys = {ANNA_MIC: surveyed(node, ANNA_MIC, 48_000)}
    await room.close()

    journal(since_start_s(), "recording_stopped", recording="rec1", by=None, cause="call_ended")
    made = make_timeline(read_facts(journal.rows), surveys, {}, [ANNA])
    (gap,) = [gap for gap in made.gaps if gap.track == ANNA_MIC]
    first, second = surveys[ANNA_MIC].stretches
    assert died_ns - MOST_SKEW_NS <= gap.interval.start_ns < gap.interval.end_ns <= back_ns
    assert abs(gap.interval.length_ns - (second.first.arrived_ns - first.last.arrived_ns)) <= MOST_SKEW_NS


def since_start_s() -> float:
    """Now, as journals of tests count."""
    return (time.time_ns() - START_NS) / 1e9


async def speak(anna: ReportingBot, enough: Callable[[], bool]) -> None:
    """Say things as often as a browser does, until it is enough."""
    async with asyncio.timeout(LONGEST_S):
        while not enough():
            anna.say()
            await asyncio.sleep(BEAT_S)


async def film(anna: LayeredBot, enough: Callable[[], bool]) -> None:
    """Show things as often as a camera does, until it is enough."""
    async with asyncio.timeout(LONGEST_S):
        while not enough():
            anna.show_layers()
            await asyncio.sleep(FRAME_S)


def decoded(recorded: Iterable[Packet | Report | Dropped]) -> list[VideoFrame]:
    """Every picture of a track."""
    decoder = CodecContext.create("vp8", "r")
    return [picture for frame in vp8_frames(recorded) for picture in decoder.decode(av.Packet(frame.data))]


async def speak_and_move(anna: ReportingBot) -> None:
    """Sound and pictures at their time, as one clock of a browser would time and report them."""
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    for beat in range(BEATS):
        anna.sent[Source.CAMERA].rtp_time = beat * round(BEAT_S * 90_000)
        if beat % REPORTS_EVERY == REPORTS_EVERY - 1:
            anna.report(Source.MIC)
            anna.report(Source.CAMERA)
        anna.say()
        if beat % PICTURE_EVERY == 0:
            anna.show(FRAMES[0])
        await asyncio.sleep(max(0.0, begun_s + (beat + 1) * BEAT_S - loop.time()))


def surveyed(node: Node, track: TrackId, clock_rate_hz: int) -> Survey:
    """One look over what was stored of a track."""
    return survey(in_order([RecordedPart((1, 1), node.read(track))]), clock_rate_hz)


def skew_ns(surveys: dict[TrackId, Survey]) -> int:
    """How far apart the recording places what was said and what was shown at the same time."""

    def wall_ns(track: TrackId, rtp_time: int) -> int:
        clock: StreamClock = stream_clocks(track, surveys)[0]
        return clock.wall_ns(rtp_time, surveys[track].stretches[0].last.arrived_ns)

    at_s = BEATS * BEAT_S / 2
    return wall_ns(ANNA_MIC, round(at_s * 48_000)) - wall_ns(ANNA_CAMERA, round(at_s * 90_000))
