"""What flows on our own engine: repairs, limits, who speaks, and streams that nobody declared; time is jumped over."""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import pytest

from recordings.sample_guest import play_sound
from recordings.synthetic import voice
from signaling.media.port import SeatId, Source, Track, TrackId, Wanted, track_id
from signaling.media.sfu import rtcp
from signaling.media.sfu.feed import KEPT_WARM_S
from signaling.media.sfu.rtp import payload_start
from tests.media_stage import ANNA, ANNA_CAMERA, ANNA_MIC, BERTA, CALL, FRAMES, Stage, a_conversation
from tests.waiting import until


class Tape:
    """A tap that counts packets by track."""

    def __init__(self) -> None:
        self.packets: list[tuple[TrackId, bytes]] = []

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.packets.append((track.id, packet))

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """Not of interest."""


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    await made.close()


async def test_lost_packets_are_sent_again_and_only_those(stage: Stage) -> None:
    _anna, berta = await a_conversation(stage)
    lost = berta.received[ANNA_CAMERA][-1]
    sequence = int.from_bytes(lost[2:4])
    berta.nack(ANNA_CAMERA, sequence, (sequence + 500) & 0xFFFF)
    await until(lambda: berta.resent)
    (again,) = berta.resent
    assert again[payload_start(again) :] == lost[2:4] + lost[payload_start(lost) :]


async def test_a_seat_taken_over_while_an_offer_is_unanswered_is_heard_and_seen_again(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    offered = len(stage.ear.offers)
    stage.ear.bots.pop(BERTA)  # answers nothing for now
    await stage.engine.restart_down(CALL, BERTA)
    await until(lambda: len(stage.ear.offers) > offered)
    await stage.engine.release(CALL, ANNA)
    again = await stage.enter(ANNA)
    await again.publish(Source.MIC, Source.CAMERA)
    await stage.hears(again, berta)
    await stage.sees(again, berta)
    await anna.close()


async def test_a_voice_waits_for_no_picture_and_only_what_is_shared_plays_in_step(stage: Stage) -> None:
    anna, berta = await stage.enter(ANNA), await stage.enter(BERTA)
    sources = (Source.MIC, Source.CAMERA, Source.SCREEN, Source.SCREEN_AUDIO)
    await anna.publish(*sources)
    await berta.want(*(track_id(ANNA, source) for source in sources))
    await until(lambda: berta.offers and len(re.findall("a=msid:", berta.offers[-1][1])) == len(sources))
    stream_of = {track: stream for stream, track in re.findall(r"a=msid:(\S+) (\S+)", berta.offers[-1][1])}
    mic, camera, screen, screen_audio = (stream_of[track_id(ANNA, source)] for source in sources)
    assert len({mic, camera, screen}) == 3
    assert screen == screen_audio


async def test_a_storm_of_requests_is_not_answered_by_a_storm(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    newest = int.from_bytes(berta.received[ANNA_CAMERA][-1][2:4])
    for _ in range(300):
        berta.nack(ANNA_CAMERA, newest)
    await stage.hears(anna, berta)
    assert 1 <= len(berta.resent) <= 4


async def test_what_the_publisher_loses_is_asked_for_repaired_and_reaches_everybody_once(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    tape = Tape()
    stage.engine.attach(CALL, tape)

    def taped() -> list[bytes]:
        return [packet for track, packet in tape.packets if track == ANNA_CAMERA]

    anna.up.rtcp.clear()
    lost = anna.show(FRAMES[0], lose=[0])[0]
    anna.show(FRAMES[1])

    def asked() -> list[rtcp.Nack]:
        said = [message for packet in anna.up.rtcp for message in rtcp.parse(packet)]
        return [message for message in said if isinstance(message, rtcp.Nack)]

    await until(asked)
    sequence = int.from_bytes(lost[2:4])
    assert asked()[0] == rtcp.Nack(anna.sent[Source.CAMERA].ssrc, (sequence,))
    for number in range(3):  # browsers answer more than once, and send old packets as probes
        head = bytes([0x80, lost[1] & 0x80 | 97]) + number.to_bytes(2) + lost[4:8]
        head += (anna.sent[Source.CAMERA].ssrc + 1).to_bytes(4)
        anna.up.send_rtp(head + lost[2:4] + lost[12:])
    await until(lambda: lost in taped())
    await stage.sees(anna, berta)
    assert taped().count(lost) == 1
    assert len(taped()) == len(set(taped()))
    assert any(packet[payload_start(packet) :] == lost[12:] for packet in berta.received[ANNA_CAMERA])


async def test_the_tapes_clock_is_the_publishers_and_the_seats_clock_is_ours(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    hour_ago_ns = time.time_ns() - 3_600_000_000_000
    sent = anna.sent[Source.MIC]
    report = rtcp.SenderReport(sent.ssrc, rtcp.ntp_from_ns(hour_ago_ns), sent.rtp_time, 1, 1)
    anna.up.send_rtcp(rtcp.sender_report(report))

    def reports() -> list[rtcp.SenderReport]:
        said = [message for packet in berta.down.rtcp for message in rtcp.parse(packet)]
        return [message for message in said if isinstance(message, rtcp.SenderReport)]

    await until(lambda: any(message.ssrc == berta.ssrc_of(ANNA_MIC) for message in reports()))
    newest = [message for message in reports() if message.ssrc == berta.ssrc_of(ANNA_MIC)][-1]
    age_s = (time.time_ns() - rtcp.ns_from_ntp(newest.ntp_time)) / 1e9
    assert 0 <= age_s < 60, "our clock, not the publisher's"
    assert newest.packets >= 5


async def test_above_four_cameras_every_publisher_is_told_to_send_less_and_more_again_later(stage: Stage) -> None:
    bots = [await stage.enter(SeatId(f"seat{number}")) for number in range(5)]
    for bot in bots:
        await bot.publish(Source.CAMERA)
    for bot in bots[:4]:
        bot.show(FRAMES[0])
    await until(lambda: len(stage.ear.published) == 4)
    assert stage.ear.limits == []
    bots[4].show(FRAMES[0])
    await until(lambda: len(stage.ear.limits) == 5)
    assert {(bitrate, height) for _seat, _mid, bitrate, height in stage.ear.limits} == {(400_000, 360)}
    await stage.engine.release(CALL, SeatId("seat0"))
    await until(lambda: len(stage.ear.limits) == 9)
    assert {(bitrate, height) for _seat, _mid, bitrate, height in stage.ear.limits[5:]} == {(1_500_000, 720)}


async def test_a_picture_in_one_size_that_nobody_is_shown_is_not_even_asked_of_its_publisher(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    await berta.want(ANNA_MIC, ANNA_CAMERA, visible=False)
    camera = anna.sent[Source.CAMERA].mid
    waited_s = await stage.wait(lambda: anna.show(FRAMES[0]) and stage.ear.resting == {(ANNA, camera)})
    assert waited_s > KEPT_WARM_S - 1, "who looks away for a moment costs nobody a new beginning"
    stage.clock.ahead_s += 5
    await stage.hears(anna, berta)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await until(lambda: stage.ear.resting == set())
    await stage.sees(anna, berta)
    assert (ANNA_CAMERA, True) not in stage.ear.stalls, "its silence was meant"


async def test_a_tile_that_is_not_visible_costs_nothing_until_it_is(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    await berta.want(ANNA_MIC, ANNA_CAMERA, visible=False)
    await stage.hears(anna, berta)
    before = berta.heard[ANNA_CAMERA]
    for frame in FRAMES:
        anna.show(frame)
    await stage.hears(anna, berta)
    assert berta.heard[ANNA_CAMERA] == before
    offers = len(berta.offers)
    await stage.engine.want(CALL, BERTA, [Wanted(ANNA_MIC, 0, True, 1), Wanted(ANNA_CAMERA, 720, True, 1)])
    await stage.sees(anna, berta)
    assert len(berta.offers) == offers


async def test_a_sample_guest_is_said_to_speak_while_it_does_and_not_in_its_pause(stage: Stage) -> None:
    await stage.engine.admit(CALL, ANNA)
    inlet = stage.engine.open_inlet(CALL, ANNA, Source.MIC)
    sounds = voice(3, 60, 440)
    guest = asyncio.create_task(play_sound(sounds, inlet, 1))
    await until(lambda: stage.ear.spoke)
    await until(lambda: len(stage.ear.spoke) > 1)
    guest.cancel()
    assert [list(seats) for seats in stage.ear.spoke] == [[ANNA], []]


async def test_who_speaks_is_told_from_the_levels_beside_the_sound(stage: Stage) -> None:
    anna, _berta = await a_conversation(stage)
    await until(lambda: anna.say(level_dbov=20) and stage.ear.spoke)
    assert list(stage.ear.spoke[0]) == [ANNA]


async def test_a_camera_that_was_taken_back_is_not_heard_and_cannot_pass_as_the_screen(stage: Stage) -> None:
    anna, tape = await stage.enter(ANNA), Tape()
    await anna.publish(Source.CAMERA, Source.SCREEN)
    await until(lambda: anna.show(FRAMES[0]) and stage.ear.published == [ANNA_CAMERA])
    await anna.publish(Source.SCREEN)
    stage.engine.attach(CALL, tape)
    camera = [packet for frame in FRAMES for packet in anna.show(frame, Source.CAMERA)]
    screen = anna.show(FRAMES[0], Source.SCREEN)
    await until(lambda: len(tape.packets) >= len(screen))
    assert [packet for _track, packet in tape.packets] == screen
    assert not set(camera) & {packet for _track, packet in tape.packets}
    assert stage.engine.traffic.drops["rtp_unknown_ssrc"] >= len(camera)


async def test_a_codec_that_was_not_agreed_on_is_not_passed_on_as_one_that_was(stage: Stage) -> None:
    anna, tape = await stage.enter(ANNA), Tape()
    stage.engine.attach(CALL, tape)
    await anna.publish(Source.CAMERA)
    other = [
        bytes([packet[0], packet[1] & 0x80 | 98]) + packet[2:]
        for packet in anna.sent[Source.CAMERA].stream.vp8(FRAMES[0], 0)
    ]
    for packet in other:
        anna.up.send_rtp(packet)
    await until(lambda: stage.engine.traffic.drops["rtp_payload_type"] == len(other))
    assert tape.packets == []


async def test_streams_that_no_offer_declared_are_found_by_their_mid(stage: Stage) -> None:
    anna, tape = await stage.enter(ANNA), Tape()
    stage.engine.attach(CALL, tape)
    offer = anna.offer
    anna.offer = lambda sources: re.sub(r"a=ssrc.*\r\n", "", offer(sources))  # type: ignore[method-assign]
    await anna.publish(Source.CAMERA, Source.SCREEN)
    for source in (Source.SCREEN, Source.CAMERA):
        sent = anna.sent[source]
        for packet in sent.stream.vp8(FRAMES[0], 0)[:1]:
            block = bytes([0xBE, 0xDE, 0, 1, 0x40]) + sent.mid.encode() + bytes(2)
            anna.up.send_rtp(bytes([packet[0] | 0x10]) + packet[1:12] + block + packet[12:])
    await until(lambda: len(tape.packets) == 2)
    assert {track for track, _packet in tape.packets} == {ANNA_CAMERA, track_id(ANNA, Source.SCREEN)}
    assert all(packet[8:12] == anna.sent[_source(track)].ssrc.to_bytes(4) for track, packet in tape.packets)


def _source(track: TrackId) -> Source:
    return Source(track.rpartition(".")[2])


async def test_nothing_is_left_of_seats_that_came_and_went(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    tasks, agents = len(asyncio.all_tasks()), len(stage.engine._port._agents)
    for number in range(15):
        guest = await stage.enter(SeatId(f"guest{number}"))
        await guest.publish(Source.MIC)
        await guest.want(ANNA_MIC)
        await until(guest.down.connected.is_set)
        await stage.engine.release(CALL, SeatId(f"guest{number}"))
        await guest.close()
    await stage.hears(anna, berta)
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert len(stage.engine._port._agents) == agents
    assert len(stage.engine._port._bindings) == 2
