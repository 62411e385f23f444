"""What every `MediaEngine` promises (signaling/media/port.py), asked of each engine we ship."""

import asyncio
from collections import Counter

import pytest

from recordings.sample_guest import play_picture, play_sound
from recordings.synthetic import voice
from signaling.errors import Code, MediaRefused
from signaling.media.port import (
    CallId,
    ClientStats,
    PathState,
    PeerConnection,
    Published,
    SeatId,
    Source,
    TrackId,
    Wanted,
)
from tests.engine_room import (
    ANNA,
    ANNA_CAMERA,
    ANNA_MIC,
    BERTA,
    BERTA_MIC,
    CALL,
    CARLA,
    FRAMES,
    Broken,
    Heard,
    Room,
    as_taps_compare,
)
from tests.waiting import until

GRAVE = ClientStats(seconds=0.0, loss=0.6, rtt_s=0.4, freezes=3, jitter_buffer_s=0.5)


async def test_an_engine_is_reached_by_packets_where_it_says_so(room: Room) -> None:
    anna = await room.enter(ANNA)
    answer, declared = await anna.publish(Source.MIC), room.engine.capabilities
    assert ("a=candidate:" in answer) == declared.network
    if not declared.network:
        assert not any((declared.adapts, declared.estimates, declared.sender_reports, declared.measures)), (
            "there is nothing to do it by"
        )


async def test_what_an_engine_measures_it_tells(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    measured = room.engine.capabilities.measures
    assert bool(room.engine.traffic.packets_received) == measured
    assert (room.engine.load().packets_per_s is not None) == measured
    assert {line.seat for line in room.engine.lines()} == ({ANNA, BERTA} if measured else set())


async def test_a_picture_is_kept_back_on_a_line_that_does_not_carry_it_where_an_engine_adapts(room: Room) -> None:
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await anna.publish(Source.MIC, Source.CAMERA)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await room.talk_until_heard(anna, berta)
    readings = 0

    def kept_back_or_shown_all_the_same() -> bool:
        nonlocal readings
        anna.say()
        anna.show(FRAMES[0])
        room.engine.client_counted(CALL, BERTA, GRAVE)
        readings += 1
        if room.engine.capabilities.adapts:
            return room.ear.paused.get(BERTA) == (ANNA_CAMERA,)
        return readings > 50 and berta.heard[ANNA_CAMERA] > 50

    await until(kept_back_or_shown_all_the_same)
    assert (BERTA in room.ear.paused) == room.engine.capabilities.adapts


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


async def test_a_seat_that_is_given_to_another_device_is_heard_again_by_those_who_heard_it(room: Room) -> None:
    older, berta = await room.enter(ANNA), await room.enter(BERTA)
    await older.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(older, berta)
    await room.engine.release(CALL, ANNA)
    newer = await room.enter(ANNA)
    await newer.publish(Source.MIC)
    await room.talk_until_heard(newer, berta)
    await older.close()


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
    await room.tap_is_heard(anna, tap, ANNA_MIC, ANNA_CAMERA)
    sent = {ANNA_MIC: [anna.say() for _ in range(20)], ANNA_CAMERA: anna.show(FRAMES[0])}

    def newest(track: TrackId) -> list[bytes]:
        return [packet for heard, packet in tap.packets if heard == track][-len(sent[track]) :]

    await until(lambda: all(as_taps_compare(newest(track)) == as_taps_compare(sent[track]) for track in sent))
    if room.engine.capabilities.taps_at_once:
        assert len(tap.packets) == sum(map(len, sent.values()))
    room.engine.detach(CALL, tap)
    before, witness = len(tap.packets), Heard()
    room.engine.attach(CALL, witness)
    await until(lambda: anna.say() and witness.packets)
    assert len(tap.packets) == before


async def test_a_tap_that_fails_is_let_go_and_the_others_hear_on(room: Room) -> None:
    anna, berta, tap = await room.enter(ANNA), await room.enter(BERTA), Heard()
    room.engine.attach(CALL, Broken())
    room.engine.attach(CALL, tap)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    await until(lambda: anna.say() and tap.packets)


async def test_a_sample_guest_is_seen_and_heard_like_any_other_and_ends_with_its_seat(room: Room) -> None:
    await room.engine.admit(CALL, ANNA)
    berta, tap = await room.enter(BERTA), Heard()
    room.engine.attach(CALL, tap)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    if not room.engine.capabilities.inlets:
        with pytest.raises(MediaRefused) as refused:
            room.engine.open_inlet(CALL, ANNA, Source.MIC)
        assert refused.value.code is Code.NOT_ALLOWED
        return
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


async def test_it_says_what_carrying_media_has_cost_the_processor(room: Room) -> None:
    before = room.engine.processor_time()
    assert before is not None
    assert before.cores >= 1
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)

    def costs() -> bool:
        anna.say()
        now = room.engine.processor_time()
        return now is not None and now.used_s > before.used_s

    await until(costs)
