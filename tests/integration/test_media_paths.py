"""Paths that move, fall silent, die and come back, on our own engine; time is jumped over, not waited for."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from signaling.call.inputs import EngineSays, Input, PathChanged
from signaling.media.port import PathState, PeerConnection, Source
from signaling.media.sfu.liveness import DOWN_UNSTABLE_AFTER_S, LOST_AFTER_S, UP_UNSTABLE_AFTER_S
from signaling.media.sfu.negotiation import ANSWER_TIMEOUT_S
from signaling.messages.pushes import MediaResetNeeded
from signaling.runner.media import MediaSide
from signaling.runner.ports import Outlet
from tests.bot_transport import BotTransport
from tests.media_stage import ANNA, ANNA_CAMERA, ANNA_MIC, BERTA, CALL, FRAMES, Stage, a_conversation
from tests.waiting import until


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    await made.close()


async def test_ipv6_is_as_good_as_ipv4(stage: Stage) -> None:
    anna, _berta = await a_conversation(stage, "::1")
    assert anna.up.address[0] == "::"


async def test_we_are_the_dtls_server_and_prefer_gcm(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    assert {anna.up.profile, berta.down.profile} == {b"SRTP_AEAD_AES_256_GCM"}


async def test_ice_restart_of_the_up_connection_moves_the_media_and_keeps_the_keys(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    anna.up.drop = True
    before = anna.up.answered_checks
    await anna.up.new_socket()
    anna.up.drop = False
    answer = await anna.restart_up()
    assert "0002\r\n" in answer, "the second generation of credentials"
    await until(lambda: anna.up.answered_checks > before)
    await stage.hears(anna, berta)
    await stage.sees(anna, berta)
    assert stage.ear.resets == []
    assert stage.ear.unpublished == []


async def test_ice_restart_of_the_down_connection_moves_the_media_and_asks_for_a_key_frame(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    slots = dict(berta.slots)
    await berta.down.new_socket()
    stage.asked_for_key_frame(anna)
    await stage.engine.restart_down(CALL, BERTA)
    await until(lambda: len(berta.offers) == 2)
    await until(lambda: stage.asked_for_key_frame(anna))
    await stage.hears(anna, berta)
    await stage.sees(anna, berta)
    assert berta.slots == slots, "the same tracks under the same numbers"


async def test_a_publisher_that_reloads_goes_on_as_the_same_track_without_any_new_offer(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    offers = len(berta.offers)
    sequences = [int.from_bytes(packet[2:4]) for packet in berta.received[ANNA_MIC]]
    await anna.rebuild_up()
    await stage.hears(anna, berta)
    await stage.sees(anna, berta)
    assert len(berta.offers) == offers
    after = [int.from_bytes(packet[2:4]) for packet in berta.received[ANNA_MIC]][len(sequences) :]
    assert (after[0] - sequences[-1]) & 0xFFFF == 1
    assert stage.ear.unpublished == [ANNA_MIC, ANNA_CAMERA]


async def test_a_picture_that_comes_back_is_seen_from_its_first_key_frame_on(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    await anna.rebuild_up()
    await until(anna.up.connected.is_set)

    (feed,) = (feed for feed in stage.engine._calls[CALL].feeds() if feed.track.id == ANNA_CAMERA)
    await stage.wait(lambda: feed._subscriptions[0].wanted is None)
    before = berta.heard[ANNA_CAMERA]
    anna.show(FRAMES[0])
    await until(lambda: berta.heard[ANNA_CAMERA] > before)


async def test_a_silent_path_is_unstable_then_lost_and_its_tracks_end(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    anna.up.drop = True
    silent_s = await stage.wait(lambda: (ANNA, PeerConnection.UP, PathState.UNSTABLE) in stage.ear.paths)
    assert silent_s >= UP_UNSTABLE_AFTER_S
    assert (ANNA, PeerConnection.UP, PathState.LOST) not in stage.ear.paths
    silent_s += await stage.wait(lambda: (ANNA, PeerConnection.UP) in stage.ear.resets)
    assert silent_s >= LOST_AFTER_S
    assert (ANNA, PeerConnection.UP, PathState.LOST) in stage.ear.paths
    assert set(stage.ear.unpublished) == {ANNA_MIC, ANNA_CAMERA}
    await anna.rebuild_up()
    await until(lambda: berta.down.connected.is_set())
    assert stage.ear.paths[-1] == (ANNA, PeerConnection.UP, PathState.CONNECTED)


async def test_when_a_path_is_lost_its_client_is_asked_once_to_build_it_anew(stage: Stage) -> None:
    anna, _berta = await a_conversation(stage)
    told: list[Input] = []
    MediaSide(CALL, stage.engine, cast(Outlet, None), told.append)
    anna.up.drop = True
    await stage.wait(lambda: PathChanged(ANNA, PeerConnection.UP, PathState.LOST) in told)
    await asyncio.sleep(0)  # whatever else the engine tells of it comes on the same turn of the loop
    resets = [said for said in told if isinstance(said, EngineSays) and said.event == "media.reset"]
    assert resets == [EngineSays(ANNA, "media.reset", MediaResetNeeded(pc=PeerConnection.UP))]


async def test_a_subscriber_that_is_sent_media_is_noticed_sooner(stage: Stage) -> None:
    _anna, berta = await a_conversation(stage)
    assert DOWN_UNSTABLE_AFTER_S < UP_UNSTABLE_AFTER_S
    berta.down.drop = True
    await stage.wait(lambda: (BERTA, PeerConnection.DOWN, PathState.UNSTABLE) in stage.ear.paths)
    berta.down.drop = False
    berta.down.send(berta.down.check())
    await until(lambda: stage.ear.paths[-1] == (BERTA, PeerConnection.DOWN, PathState.CONNECTED))


async def test_a_microphone_that_falls_silent_unmuted_is_stalled_and_a_muted_one_is_not(stage: Stage) -> None:
    anna, berta = await a_conversation(stage)
    stage.engine.set_muted(CALL, ANNA, anna.sent[Source.CAMERA].mid, True)

    def told_on_a_living_line() -> object:
        anna.up.send(anna.up.check())
        return stage.ear.stalls

    await stage.wait(told_on_a_living_line)
    assert stage.ear.stalls == [(ANNA_MIC, True)]
    await stage.hears(anna, berta)
    await until(lambda: stage.ear.stalls[1:])
    assert stage.ear.stalls == [(ANNA_MIC, True), (ANNA_MIC, False)]


async def test_a_line_that_dies_is_told_as_such_and_not_as_a_silent_microphone(stage: Stage) -> None:
    anna, _berta = await a_conversation(stage)
    anna.up.drop = True
    await stage.wait(lambda: (ANNA, PeerConnection.UP, PathState.UNSTABLE) in stage.ear.paths)
    assert stage.ear.stalls == []


async def test_an_offer_that_is_not_answered_needs_a_new_peer_connection(stage: Stage) -> None:
    anna, berta = await stage.enter(ANNA), await stage.enter(BERTA)
    await anna.publish(Source.MIC)
    del stage.ear.bots[BERTA]
    await berta.want(ANNA_MIC)
    await until(lambda: stage.ear.offers)
    _seat, neg, sdp, slots = stage.ear.offers[0]
    stage.clock.ahead_s += ANSWER_TIMEOUT_S + 0.1
    await until(lambda: stage.ear.resets == [(BERTA, PeerConnection.DOWN)])
    berta.take_slots(sdp, slots)
    await stage.engine.answer_down(CALL, BERTA, neg, berta.answer(sdp))
    stage.ear.bots[BERTA] = berta
    await stage.engine.reset(CALL, BERTA, PeerConnection.DOWN)
    await stage.hears(anna, berta)
    assert berta.offers[0][0] > neg


async def test_an_answer_from_another_peer_connection_without_a_reset_needs_one(stage: Stage) -> None:
    _anna, berta = await a_conversation(stage)
    await berta.down.close()
    berta.down = BotTransport(RTCCertificate.generateCertificate())
    await stage.engine.restart_down(CALL, BERTA)
    await until(lambda: stage.ear.resets == [(BERTA, PeerConnection.DOWN)])
