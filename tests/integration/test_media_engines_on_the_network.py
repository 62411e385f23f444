"""What every engine promises whose clients reach it by packets: paths, layers, pauses, limits, key frames, silence."""

import asyncio
import itertools
import re
from collections.abc import Callable, Sequence

import pytest

from signaling.media.port import ClientStats, DownSlot, PathState, PeerConnection, SeatId, Source
from signaling.media.sfu import rtcp
from signaling.media.sfu.publisher_feedback import SOUND_BPS
from signaling.media.sfu.settings import MediaPolicy
from tests.bots import Bot, EngineDoor, Sent
from tests.engine_room import ANNA, ANNA_CAMERA, ANNA_MIC, BERTA, CALL, FRAMES, Heard, Room
from tests.layered_bot import LayeredBot, show
from tests.red_sound import RED, offering_red
from tests.reporting_bot import ReportingBot
from tests.waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sfu", "janus"], indirect=True)

FRAME_S = 0.05
STALLED_AFTER_PACKETS = 100  # five seconds of them: longer than any engine waits


def paced(send: Callable[[], object]) -> Callable[[], None]:
    """The same, but only as often as a camera would."""
    due_s = 0.0

    def at_the_time() -> None:
        nonlocal due_s
        now_s = asyncio.get_running_loop().time()
        if now_s >= due_s:
            due_s = now_s + FRAME_S
            send()

    return at_the_time


class RepeatingBot(Bot):
    """Offers to repeat its voice."""

    def _section(self, sent: Sent, direction: str) -> str:
        return offering_red(super()._section(sent, direction))


async def bot(room: Room, seat: SeatId) -> ReportingBot:
    """A seat's client, of those that use the network."""
    client = await room.enter(seat)
    assert isinstance(client, ReportingBot)
    return client


async def layered(room: Room, seat: SeatId) -> LayeredBot:
    """A seat whose camera has layers, published."""
    await room.engine.admit(CALL, seat)
    client = room.clients[seat] = room.ear.bots[seat] = LayeredBot(room.engine, CALL, seat)
    await client.publish(Source.MIC, Source.CAMERA)
    return client


def ufrag(sdp: str) -> str:
    """Whose credentials a description has."""
    return re.search(r"a=ice-ufrag:(\S+)", sdp)[1]  # type: ignore[index]


def slots_of(room: Room, seat: SeatId) -> list[Sequence[DownSlot]]:
    """What each offer to a seat put where."""
    return [slots for to, _neg, _sdp, slots in room.ear.offers if to == seat]


async def test_after_an_ice_restart_of_up_media_goes_on_from_another_address(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    before = await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    await anna.up.new_socket()
    after = await anna.restart_up()
    assert ufrag(after) != ufrag(before)
    await room.talk_until_heard(anna, berta)
    assert room.ear.unpublished == []
    assert room.ear.resets == []


async def test_after_an_ice_restart_of_down_media_goes_on_at_another_address(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    (_, before), slots = berta.offers[-1], slots_of(room, BERTA)[-1]
    await room.engine.restart_down(CALL, BERTA)
    await until(lambda: len(berta.offers) == 2 and ufrag(berta.offers[-1][1]) != ufrag(before))
    await berta.down.new_socket()
    await room.talk_until_heard(anna, berta)
    assert slots_of(room, BERTA)[-1] == slots
    assert room.ear.resets == []


async def test_a_newly_built_up_connection_takes_the_place_of_the_old_one(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    await anna.rebuild_up()
    await room.talk_until_heard(anna, berta)
    assert room.ear.published == [ANNA_MIC, ANNA_MIC]
    assert (len(slots_of(room, BERTA)) == 1) == room.engine.capabilities.keeps_slots
    assert {slot.track for slots in slots_of(room, BERTA) for slot in slots} <= {ANNA_MIC}


async def test_a_voice_and_a_camera_are_streams_of_their_own(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC, Source.CAMERA)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await room.talk_until_heard(anna, berta)
    await until(lambda: anna.show(FRAMES[0]) and berta.heard[ANNA_CAMERA])
    named = re.findall(r"^a=msid:(\S+)", berta.offers[-1][1], re.MULTILINE)
    assert sorted(named) == [ANNA_CAMERA, ANNA_MIC], "a browser makes a voice wait for a picture of the same stream"


async def test_a_viewer_gets_the_layer_that_fills_what_it_shows(room: Room) -> None:
    anna, berta = await layered(room, ANNA), await bot(room, BERTA)
    camera = paced(anna.show_layers)
    for height, rid in ((180, "q"), (360, "h"), (720, "f"), (180, "q")):
        await show(berta, ANNA_CAMERA, height)

        def shown(rid: str = rid) -> bool:
            camera()
            return anna.layers_of(berta.received[ANNA_CAMERA])[-3:] == 3 * [rid]

        await until(shown)
    sequences = [int.from_bytes(packet[2:4]) for packet in berta.received[ANNA_CAMERA]]
    gaps = {(after - before) & 0xFFFF for before, after in itertools.pairwise(sequences)}
    assert gaps == {1}, "one unbroken stream"


async def test_a_viewer_whose_line_loses_much_gets_a_smaller_layer_where_an_engine_hears_its_reports(
    room: Room,
) -> None:
    anna, berta = await layered(room, ANNA), await bot(room, BERTA)
    camera = paced(anna.show_layers)
    await show(berta, ANNA_CAMERA, 720)

    def shown() -> list[str]:
        camera()
        return anna.layers_of(berta.received[ANNA_CAMERA])

    await until(lambda: shown()[-3:] == ["f"] * 3)
    complaints = paced(lambda: complain(berta))
    frames = len(shown())
    if room.engine.capabilities.estimates:
        await until(lambda: complaints() is None and shown()[-3:] in (["h"] * 3, ["q"] * 3))
    else:
        await until(lambda: complaints() is None and len(shown()) > frames + 60 and shown()[-3:] == ["f"] * 3)


async def test_a_viewer_whose_client_counts_much_loss_gets_a_smaller_layer(room: Room) -> None:
    anna, berta = await layered(room, ANNA), await bot(room, BERTA)
    camera = paced(anna.show_layers)
    await show(berta, ANNA_CAMERA, 720)

    def shown() -> list[str]:
        camera()
        return anna.layers_of(berta.received[ANNA_CAMERA])[-3:]

    await until(lambda: shown() == ["f"] * 3)
    stats = ClientStats(seconds=0.1, loss=0.6, rtt_s=0.05, freezes=0, jitter_buffer_s=0.02)
    count = paced(lambda: room.engine.client_counted(CALL, BERTA, stats))
    await until(lambda: count() is None and shown() in (["h"] * 3, ["q"] * 3))


def complain(viewer: Bot) -> None:
    """A receiver report of a camera: of the packets until now, six in ten were lost."""
    sequence = int.from_bytes(viewer.received[ANNA_CAMERA][-1][2:4])
    lost = round(0.6 * len(viewer.received[ANNA_CAMERA]))
    block = rtcp.ReportBlock(viewer.ssrc_of(ANNA_CAMERA), 154, lost, sequence, 0, 0, 0)
    viewer.down.send_rtcp(rtcp.receiver_report(1, [block]))


async def test_a_tap_hears_sender_reports_where_an_engine_says_so(room: Room) -> None:
    anna, tap = await bot(room, ANNA), Heard()
    await anna.publish(Source.MIC)
    room.engine.attach(CALL, tap)
    await until(lambda: anna.say() and tap.packets)
    sent = (ANNA_MIC, *anna.report(Source.MIC))
    before = len(tap.packets)
    await until(lambda: anna.say() and len(tap.packets) > before + 50)
    assert tap.reports == ([sent] if room.engine.capabilities.sender_reports else [])


async def test_clients_may_try_whether_they_get_here_where_an_engine_says_so(room: Room) -> None:
    assert (room.engine.probe() is not None) == room.engine.capabilities.probes


async def test_a_voice_is_asked_to_repeat_itself_where_an_engine_says_so(room: Room) -> None:
    await room.engine.admit(CALL, ANNA)
    anna = room.clients[ANNA] = RepeatingBot(EngineDoor(room.engine, CALL, ANNA))
    answer = await anna.publish(Source.MIC)
    asked = f"m=audio 9 UDP/TLS/RTP/SAVPF {RED} " in answer
    assert asked == room.engine.capabilities.repeats_sound


async def test_a_publisher_is_told_which_layers_somebody_sees(room: Room) -> None:
    anna, berta = await layered(room, ANNA), await bot(room, BERTA)
    camera = paced(anna.show_layers)

    def told(*rids: str) -> Callable[[], bool]:
        return lambda: camera() is None and room.ear.layers.get(ANNA) == list(rids)

    await show(berta, ANNA_CAMERA, 180)
    await until(told("q"))
    await show(berta, ANNA_CAMERA, 720)
    await until(told("q", "f"))


async def test_a_picture_that_is_not_visible_is_not_sent(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC, Source.CAMERA)
    camera = paced(lambda: anna.show(FRAMES[0]))
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await until(lambda: camera() is None and anna.say() and berta.heard[ANNA_CAMERA] and berta.heard[ANNA_MIC])
    await berta.want(ANNA_MIC, ANNA_CAMERA, visible=False)

    def only_sound(camera_before: int, sound_before: int) -> bool:
        camera()
        anna.say()
        return berta.heard[ANNA_CAMERA] == camera_before and berta.heard[ANNA_MIC] >= sound_before + 50

    def paused() -> bool:
        state["wait"] = state.get("wait") or (berta.heard[ANNA_CAMERA], berta.heard[ANNA_MIC])
        if berta.heard[ANNA_CAMERA] != state["wait"][0]:
            state["wait"] = (berta.heard[ANNA_CAMERA], berta.heard[ANNA_MIC])
        return only_sound(*state["wait"])

    state: dict[str, tuple[int, int]] = {}
    await until(paused)
    before = berta.heard[ANNA_CAMERA]
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await until(lambda: camera() is None and berta.heard[ANNA_CAMERA] > before)
    assert len(slots_of(room, BERTA)) == 1, "a pause needs no negotiation"


async def test_a_picture_in_one_size_that_nobody_is_shown_is_not_even_asked_of_its_publisher(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC, Source.CAMERA)
    voice, both = paced(anna.say), paced(lambda: (anna.say(), anna.show(FRAMES[0])))
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await until(lambda: both() is None and berta.heard[ANNA_CAMERA])
    assert room.ear.resting == set()
    await berta.want(ANNA_MIC, ANNA_CAMERA, visible=False)
    asked = {(ANNA, anna.sent[Source.CAMERA].mid)}
    await until(lambda: both() is None and room.ear.resting == asked)
    before = berta.heard[ANNA_MIC]
    await until(lambda: voice() is None and berta.heard[ANNA_MIC] > before + STALLED_AFTER_PACKETS)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await until(lambda: voice() is None and room.ear.resting == set())
    before = berta.heard[ANNA_CAMERA]
    await until(lambda: both() is None and berta.heard[ANNA_CAMERA] > before)
    assert room.ear.stalls == [], "its silence was meant"
    assert room.ear.unpublished == []


async def test_a_picture_in_one_size_that_a_tap_hears_is_asked_for_though_nobody_is_shown_it(room: Room) -> None:
    anna, tap = await bot(room, ANNA), Heard()
    await anna.publish(Source.CAMERA)
    asked = {(ANNA, anna.sent[Source.CAMERA].mid)}
    camera = paced(lambda: anna.show(FRAMES[0]))
    await until(lambda: camera() is None and room.ear.resting == asked)
    room.engine.attach(CALL, tap)
    await until(lambda: room.ear.resting == set())
    await until(lambda: camera() is None and tap.packets)


async def test_of_wishes_that_come_close_together_the_last_one_holds(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC, Source.CAMERA)
    camera = paced(lambda: anna.show(FRAMES[0]))
    await berta.want(ANNA_MIC, ANNA_CAMERA, visible=False)
    await room.talk_until_heard(anna, berta)
    await berta.want(ANNA_MIC, ANNA_CAMERA, visible=False)
    await berta.want(ANNA_MIC, ANNA_CAMERA, visible=True)
    await until(lambda: camera() is None and berta.heard[ANNA_CAMERA], 10)


async def test_in_a_crowd_publishers_are_told_to_send_less(room: Room) -> None:
    policy = MediaPolicy()
    people = [await bot(room, SeatId(f"seat{number}")) for number in range(policy.crowd_over_cameras + 1)]
    cameras = paced(lambda: [person.show(FRAMES[0]) for person in people if person.sent])
    first, *others = people
    await first.publish(Source.CAMERA)
    await until(lambda: cameras() is None and newest_estimate_bps(first) > 0.9 * policy.camera.max_bitrate_bps)
    for person in others:
        await person.publish(Source.CAMERA)
    limit = policy.camera_in_crowd
    seats = {(SeatId(f"seat{number}"), "0", limit.max_bitrate_bps, limit.max_height) for number in range(len(people))}
    await until(lambda: cameras() is None and seats <= set(room.ear.limits))
    most_bps = 1.1 * (limit.max_bitrate_bps + SOUND_BPS)
    await until(lambda: cameras() is None and all(0 < newest_estimate_bps(each) <= most_bps for each in people))


async def test_a_publisher_is_told_how_much_it_may_send(room: Room) -> None:
    anna = await bot(room, ANNA)
    await anna.publish(Source.CAMERA)
    camera = paced(lambda: anna.show(FRAMES[0]))
    most_bps = MediaPolicy().camera.max_bitrate_bps
    await until(lambda: camera() is None and 0.9 * most_bps < newest_estimate_bps(anna))
    assert max(estimates_bps(anna)) <= 1.1 * most_bps


def estimates_bps(publisher: Bot) -> list[int]:
    """What its browser was told, in RTCP, that may be sent to us."""
    return [m.bitrate_bps for p in publisher.up.rtcp for m in rtcp.parse(p) if isinstance(m, rtcp.Bandwidth)]


def newest_estimate_bps(publisher: Bot) -> int:
    """The last of them; 0 for none."""
    return (estimates_bps(publisher) or [0])[-1]


async def test_a_key_frame_that_somebody_needs_is_asked_of_the_publisher(room: Room) -> None:
    anna = await bot(room, ANNA)
    await anna.publish(Source.CAMERA)
    await until(lambda: anna.show(FRAMES[0]) and room.ear.published)

    def asked() -> int:
        ssrc = anna.sent[Source.CAMERA].ssrc
        heard = (m for p in anna.up.rtcp for m in rtcp.parse(p) if isinstance(m, rtcp.KeyFrameRequest))
        return sum(message.ssrc == ssrc for message in heard)

    before, berta = asked(), await bot(room, BERTA)
    await berta.want(ANNA_CAMERA)
    await until(lambda: asked() > before)
    await until(lambda: anna.show(FRAMES[0]) and berta.heard[ANNA_CAMERA])
    before, ask = asked(), paced(lambda: room.engine.request_key_frame(ANNA_CAMERA))
    await until(lambda: ask() is None and asked() > before)


async def whose_camera_stalled(room: Room) -> Bot:
    """Anna, whose voice goes on."""
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC, Source.CAMERA)
    await berta.want(ANNA_CAMERA)  # what nobody sees may rest instead
    await until(lambda: anna.say() and anna.show(FRAMES[0]) and len(room.ear.published) == 2)
    await until(lambda: anna.say() and (ANNA_CAMERA, True) in room.ear.stalls)
    return anna


async def test_a_track_that_falls_silent_while_another_goes_on_is_stalled_until_it_comes_again(room: Room) -> None:
    anna = await whose_camera_stalled(room)
    await until(lambda: anna.say() and anna.show(FRAMES[0]) and (ANNA_CAMERA, False) in room.ear.stalls)
    assert room.ear.stalls == [(ANNA_CAMERA, True), (ANNA_CAMERA, False)]


async def test_a_track_that_is_stalled_and_then_muted_is_stalled_no_longer(room: Room) -> None:
    anna = await whose_camera_stalled(room)
    room.engine.set_muted(CALL, ANNA, anna.sent[Source.CAMERA].mid, True)
    await until(lambda: anna.say() and (ANNA_CAMERA, False) in room.ear.stalls)


async def test_who_speaks_is_told(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC)
    await berta.publish(Source.MIC)
    speaking = paced(lambda: (anna.say(level_dbov=20), berta.say(level_dbov=120)))
    await until(lambda: speaking() is None and room.ear.spoke and list(room.ear.spoke[-1]) == [ANNA])
    silent = paced(lambda: (anna.say(level_dbov=120), berta.say(level_dbov=120)))
    await until(lambda: silent() is None and not room.ear.spoke[-1])


async def test_who_speaks_already_stays_before_who_begins_a_little_louder(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC)
    await berta.publish(Source.MIC)
    speaking = paced(lambda: (anna.say(level_dbov=20), berta.say(level_dbov=120)))
    await until(lambda: speaking() is None and room.ear.spoke and list(room.ear.spoke[-1]) == [ANNA])
    both = paced(lambda: (anna.say(level_dbov=20), berta.say(level_dbov=18)))
    await until(lambda: both() is None and BERTA in room.ear.spoke[-1])
    assert list(room.ear.spoke[-1]) == [ANNA, BERTA]


async def test_a_path_that_dies_is_told_and_comes_back(room: Room) -> None:
    anna, berta = await bot(room, ANNA), await bot(room, BERTA)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    berta.down.drop = True
    unstable = (BERTA, PeerConnection.DOWN, PathState.UNSTABLE)
    if room.engine.capabilities.notices_silent_down:
        await until(lambda: anna.say() and unstable in room.ear.paths)
    anna.up.drop = True
    await until(lambda: (ANNA, PeerConnection.UP, PathState.UNSTABLE) in room.ear.paths)
    assert (unstable in room.ear.paths) == room.engine.capabilities.notices_silent_down
    anna.up.drop = berta.down.drop = False
    await room.talk_until_heard(anna, berta)
    await until(lambda: anna.say() and room.ear.paths.count((ANNA, PeerConnection.UP, PathState.CONNECTED)) == 2)
