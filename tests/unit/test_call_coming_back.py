"""Who comes back to media that stand hears again what the engine said and may have gone nowhere."""

from signaling.call.inputs import EngineSays, PathChanged, Speaking
from signaling.media.port import PathState, PeerConnection, SeatId
from signaling.messages.pushes import DownOffer, DownPaused, MediaResetNeeded, UpLimit
from signaling.messages.shapes import Message
from tests.calls import Drive, counselling_underway, spec

CAMERA, SCREEN = {"mid": "1", "source": "camera"}, {"mid": "2", "source": "screen"}


def sending() -> Drive:
    """Song sends a camera and a shared screen."""
    drive = counselling_underway()
    drive.ask("s", "up.offer", neg=1, sdp="v=0", tracks=[CAMERA, SCREEN])
    return drive


def says(drive: Drive, event: str, data: Message) -> None:
    """The engine has something for song."""
    drive.happens(EngineSays(SeatId("song"), event, data))


def limits(drive: Drive, mid: str, height: int, paused: bool = False) -> None:
    said = UpLimit(mid=mid, max_bitrate_bps=500_000, max_height=height, layers=[], paused=paused)
    says(drive, "up.limit", said)


def offers(drive: Drive, neg: int) -> None:
    says(drive, "down.offer", DownOffer(neg=neg, sdp="v=0", map=[]))


def resets(drive: Drive, pc: PeerConnection) -> None:
    says(drive, "media.reset", MediaResetNeeded(pc=pc))


def connection(drive: Drive) -> str:
    """Song's."""
    return drive.call.state.connections.holders[SeatId("song")].id


def told_on_coming_back(drive: Drive) -> list[str]:
    """What song hears behind a state that keeps the peer connections, each push in few words."""
    conn = f"s{len(drive.tokens['song']) + 1}"
    drive.resume(conn, "song", drive.tokens["song"][-1])
    (_, state), *further = drive.pushed[conn]
    assert state["media"]["kept"] is True
    about = {"up.limit": "mid", "down.paused": "tracks", "down.offer": "neg", "media.reset": "pc"}
    return [f"{event} {data[about[event]]}" for event, data in further]


def test_who_comes_back_is_told_again_what_it_may_send_and_which_pictures_are_kept_back() -> None:
    drive = sending()
    limits(drive, "1", 180)
    limits(drive, "2", 1080, paused=True)
    says(drive, "down.paused", DownPaused(tracks=["kim.camera"]))
    drive.lose("s")
    limits(drive, "2", 1080)
    says(drive, "down.paused", DownPaused(tracks=[]))
    assert told_on_coming_back(drive) == ["up.limit 1", "up.limit 2", "down.paused []"]
    assert drive.last(connection(drive), "up.limit")["paused"] is False


def test_who_comes_back_before_anybody_noticed_is_told_again_as_well() -> None:
    drive = sending()
    limits(drive, "1", 180)
    assert told_on_coming_back(drive) == ["up.limit 1"]


def test_what_held_for_something_that_is_gone_is_not_told_again() -> None:
    drive = sending()
    limits(drive, "1", 180)
    limits(drive, "2", 1080)
    drive.ask("s", "up.offer", neg=2, sdp="v=0", tracks=[CAMERA])
    assert told_on_coming_back(drive) == ["up.limit 1"]
    drive.ask(connection(drive), "media.reset", pc="up")
    assert told_on_coming_back(drive) == []


def test_who_comes_back_to_media_that_were_released_is_told_nothing_of_them() -> None:
    drive = sending()
    limits(drive, "1", 180)
    drive.lose("s")
    drive.wait(45)
    drive.resume("s2", "song", "token-s")
    assert drive.events("s2") == ["state"]
    assert told_on_coming_back(drive) == []


def test_who_left_and_was_let_in_again_is_told_nothing_of_the_time_before() -> None:
    drive = sending()
    limits(drive, "1", 180)
    drive.ask("s", "room.leave")
    drive.come("s2", "song")
    drive.ask("k", "lobby.admit", seat="song")
    assert told_on_coming_back(drive) == []


def test_an_offer_that_nobody_answered_is_made_again() -> None:
    drive = sending()
    offers(drive, 3)
    drive.ask("s", "down.answer", neg=3, sdp="v=0")
    drive.lose("s")
    offers(drive, 4)
    assert told_on_coming_back(drive) == ["down.offer 4"]
    drive.ask(connection(drive), "down.answer", neg=3, sdp="v=0")
    assert told_on_coming_back(drive) == ["down.offer 4"], "that was the answer to another"
    drive.ask(connection(drive), "down.answer", neg=4, sdp="v=0")
    assert told_on_coming_back(drive) == []


def test_a_peer_connection_given_up_meanwhile_is_named_until_it_is_built_anew() -> None:
    drive = sending()
    says(drive, "down.paused", DownPaused(tracks=["kim.camera"]))
    drive.lose("s")
    offers(drive, 3)
    resets(drive, PeerConnection.DOWN)
    assert told_on_coming_back(drive) == ["media.reset down"]
    offers(drive, 4)
    assert told_on_coming_back(drive) == ["media.reset down", "down.offer 4"]
    drive.ask(connection(drive), "down.answer", neg=4, sdp="v=0")
    assert told_on_coming_back(drive) == []


def test_of_two_peer_connections_the_one_that_stands_is_kept() -> None:
    drive = sending()
    limits(drive, "1", 180)
    drive.lose("s")
    drive.happens(PathChanged(SeatId("song"), PeerConnection.UP, PathState.LOST))
    resets(drive, PeerConnection.UP)
    assert told_on_coming_back(drive) == ["media.reset up"]
    drive.ask(connection(drive), "up.offer", neg=1, sdp="v=0", tracks=[CAMERA])
    assert told_on_coming_back(drive) == []


def test_who_comes_in_or_back_sees_who_speaks() -> None:
    drive = counselling_underway()
    drive.happens(Speaking([SeatId("kim")]))
    drive.lose("s")
    drive.happens(Speaking([]))
    drive.happens(Speaking([SeatId("kim"), SeatId("song")]))
    drive.resume("s2", "song", "token-s")
    assert drive.last("s2", "state")["speakers"] == ["kim", "song"]
    drive.come("k2", "kim")
    assert drive.last("k2", "state")["speakers"] == ["kim", "song"]


def test_who_waits_is_not_told_who_speaks() -> None:
    drive = Drive(spec("small_group"))
    drive.come("k", "kim")
    drive.happens(Speaking([SeatId("kim")]))
    drive.come("g", "g0")
    assert drive.last("g", "state")["speakers"] == []
    drive.ask("k", "lobby.admit", seat="g0")
    assert drive.last("g", "state")["speakers"] == ["kim"]
