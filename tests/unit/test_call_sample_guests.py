"""Sample guests in a call: they wait and talk, and give way to people."""

from signaling.call.inputs import CloseWhenEmpty, SampleGuestsWanted
from signaling.media.port import SeatId
from tests.calls import Drive, seat, spec


def test_a_closed_room_in_which_only_sample_guests_are_left_ends() -> None:
    drive = Drive(spec("small_group"))
    drive.come("k", "kim")
    drive.happens(SampleGuestsWanted([SeatId("g0")]))
    drive.happens(CloseWhenEmpty())
    assert not drive.call.state.seating.ended
    drive.ask("k", "room.leave")
    assert drive.call.state.seating.ended
    assert drive.media == set()


def test_sample_guests_sit_down_publishing_and_a_removed_one_is_gone() -> None:
    drive = Drive(spec("small_group"))
    drive.come("k", "kim")
    drive.happens(SampleGuestsWanted([SeatId("g0"), SeatId("g1"), SeatId("park")]))
    assert drive.media == {"kim", "g0", "g1"}
    assert [track["source"] for track in drive.last("k", "seat.state")["seat"]["tracks"]] == ["mic", "camera"]
    drive.wait(300)
    drive.ask("k", "seat.remove", seat="g0")
    assert drive.media == {"kim", "g1"}


def sample_guest_waits(name: str = "jung") -> Drive:
    """An interview with its lead there, and a sample guest in the lobby."""
    drive = Drive(spec("interview"))
    drive.come("l", "lee")
    drive.happens(SampleGuestsWanted([SeatId(name)], waiting=True))
    return drive


def test_a_sample_guest_waits_in_the_lobby_and_is_seen_and_heard_once_admitted() -> None:
    drive = sample_guest_waits()
    (entry,) = drive.last("l", "lobby.wait")["lobby"]
    assert (entry["seat"], entry["online"], entry["claim"]) == ("jung", True, False)
    assert drive.media == {"lee"}
    assert drive.happens(SampleGuestsWanted([SeatId("jung")], waiting=True)).facts == []
    drive.wait(300)
    assert drive.presence("jung") == "waiting"
    drive.ask("l", "lobby.admit", seat="jung")
    assert (drive.presence("jung"), drive.media, drive.played) == ("connected", {"lee", "jung"}, {"jung"})
    assert [track["source"] for track in drive.last("l", "seat.state")["seat"]["tracks"]] == ["mic", "camera"]


def test_a_waiting_sample_guest_gives_way_to_the_link_without_a_claim() -> None:
    drive = sample_guest_waits()
    drive.come("j", "jung")
    assert (drive.presence("jung"), drive.last("j", "state")["you"]["claiming"]) == ("waiting", False)
    assert [entry["claim"] for entry in drive.last("l", "lobby.wait")["lobby"]] == [False]
    drive.ask("l", "lobby.admit", seat="jung")
    assert (drive.presence("jung"), drive.played) == ("connected", set())


def test_a_sample_guest_in_the_room_gives_its_place_to_the_link() -> None:
    drive = sample_guest_waits()
    drive.ask("l", "lobby.admit", seat="jung")
    drive.come("j", "jung")
    assert drive.last("j", "state")["you"]["presence"] == "connected"
    assert drive.last("l", "seat.state")["seat"]["tracks"] == []
    assert (drive.media, drive.played) == ({"lee", "jung"}, set())
    # From now on it is a seat like any other: a second device waits for its holder.
    drive.come("j2", "jung")
    assert drive.last("j2", "state")["you"]["claiming"]


def test_sample_guests_are_where_they_were_after_the_node_was_killed() -> None:
    drive = Drive(spec("small_group"))
    drive.happens(SampleGuestsWanted([SeatId("g0")], waiting=True))
    drive.happens(SampleGuestsWanted([SeatId("g1")]))
    drive.restart()
    drive.wait(130)
    assert (drive.presence("g0"), drive.presence("g1")) == ("waiting", "connected")
    assert (drive.media, drive.played) == ({"g1"}, {"g1"})


def test_sample_guests_that_come_after_the_node_was_killed_are_seen_too() -> None:
    drive = Drive(spec("small_group"))
    drive.restart()
    drive.happens(SampleGuestsWanted([SeatId("g0")]))
    assert (drive.media, drive.played) == ({"g0"}, {"g0"})


def test_a_sample_guest_waits_no_longer_than_the_appointment_lasts_and_then_the_room_can_be_closed() -> None:
    drive = sample_guest_waits()
    drive.ask("l", "room.leave")
    drive.wait(50 * 60)
    assert drive.presence("jung") == "left"
    drive.happens(CloseWhenEmpty())
    assert drive.call.state.seating.ended
    assert drive.happens(SampleGuestsWanted([SeatId("jung")], waiting=True)).facts == []


def test_no_sample_guest_waits_where_a_person_has_come_or_been_or_the_room_is_locked() -> None:
    drive = Drive(spec("small_group"))
    drive.come("k", "kim")
    drive.come("c0", "g0")
    drive.come("c1", "g1")
    drive.ask("k", "lobby.admit", seat="g1")
    drive.ask("c1", "room.leave")
    wanted = SampleGuestsWanted([SeatId("g0"), SeatId("g1"), SeatId("park")], waiting=True)
    assert drive.happens(wanted).facts == []
    drive.ask("k", "room.lock", locked=True)
    assert drive.happens(SampleGuestsWanted([SeatId("g2")], waiting=True)).facts == []


def test_who_let_sample_guests_in_lets_the_waiting_one_in_too() -> None:
    drive = Drive(spec("small_group"))
    drive.happens(SampleGuestsWanted([SeatId("g0")], waiting=True))
    drive.happens(SampleGuestsWanted([SeatId(f"g{number}") for number in range(6)]))
    assert drive.played == {f"g{number}" for number in range(6)}


def test_no_sample_guest_goes_on_in_a_call_that_was_over_when_the_node_was_killed() -> None:
    drive = Drive(spec("small_group", seats=[seat("park", "host", consent={"sound": "granted"}), seat("g0", "guest")]))
    drive.come("p", "park")
    drive.happens(SampleGuestsWanted([SeatId("g0")]))
    drive.ask("p", "recording.request", action="start")
    assert drive.media == {"park", "g0"}
    drive.ask("p", "room.end")
    drive.restart()
    assert (drive.media, drive.played) == (set(), set())
