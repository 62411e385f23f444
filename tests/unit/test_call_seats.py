"""Lobby, admission, claims, resuming, hosting."""

from datetime import timedelta

import pytest

from signaling.call.inputs import CloseWhenEmpty, RecorderClosed, SpecChanged
from signaling.errors import Code
from tests.calls import NOON, Drive, counselling_underway, refused, seat, spec


def test_a_guest_waits_and_sees_nobody_until_let_in() -> None:
    drive = Drive(spec())
    drive.come("k", "kim")
    drive.come("s", "song")
    state = drive.last("s", "state")
    assert state["you"]["presence"] == "waiting"
    assert [state[name] for name in ("seats", "lobby", "chat", "agenda")] == [[], [], [], []]
    assert state["room"]["hosts"] == []
    assert drive.media == {"kim"}
    assert drive.last("k", "lobby.wait")["arrived"] == ["song"]

    drive.ask("k", "lobby.admit", seat="song")
    assert drive.media == {"kim", "song"}
    state = drive.last("s", "state")
    assert [view["seat"] for view in state["seats"]] == ["kim", "song"]
    assert drive.last("k", "lobby.wait")["lobby"] == []


def test_a_guest_cannot_let_anybody_in() -> None:
    drive = counselling_underway()
    with refused(Code.NOT_ALLOWED):
        drive.ask("s", "room.lock", locked=True)


def test_an_interviewer_cannot_admit_or_end_while_the_lead_is_there() -> None:
    drive = Drive(spec("interview"))
    drive.come("l", "lee")
    drive.come("c", "choi")
    drive.come("j", "jung")
    for event, data in (("lobby.admit", {"seat": "jung"}), ("room.end", {})):
        with refused(Code.NOT_ALLOWED):
            drive.ask("c", event, **data)
    drive.ask("l", "lobby.admit", seat="jung")


def test_the_panel_hosts_when_the_lead_drops_and_the_lead_takes_it_back() -> None:
    drive = Drive(spec("interview"))
    drive.come("l", "lee")
    drive.come("c", "choi")
    drive.lose("l")
    drive.wait(119)
    assert drive.hosts == ["lee"]
    drive.wait(2)
    assert drive.hosts == ["choi"]
    drive.resume("l2", "lee", drive.tokens["lee"][-1])
    assert drive.hosts == ["lee"]


def test_the_panel_hosts_when_the_lead_is_five_minutes_late() -> None:
    drive = Drive(spec("interview"))
    drive.come("c", "choi")
    drive.wait(299)
    assert drive.hosts == []
    drive.wait(1)
    assert drive.hosts == ["choi"]


def test_either_counsellor_hosts_a_group() -> None:
    drive = Drive(spec("small_group"))
    drive.come("p", "park")
    drive.come("k", "kim")
    drive.come("g", "g0")
    drive.ask("p", "lobby.admit", seat="g0")
    assert set(drive.hosts) == {"kim", "park"}


def test_reloading_keeps_the_seat_without_a_new_admission() -> None:
    drive = counselling_underway()
    admitted = [fact for fact in drive.facts if fact.kind == "admitted"]
    drive.lose("s")
    assert drive.presence("song") == "reconnecting"
    assert "song" in drive.media
    drive.resume("s2", "song", "token-s")
    assert drive.presence("song") == "connected"
    assert drive.last("s2", "state")["media"]["kept"] is True
    assert [fact for fact in drive.facts if fact.kind == "admitted"] == admitted


def test_reloading_in_the_lobby_keeps_the_place() -> None:
    drive = Drive(spec("small_group"))
    drive.come("a", "g0")
    drive.come("b", "g1")
    drive.lose("a")
    drive.resume("a2", "g0", "token-a")
    drive.come("k", "kim")
    assert [entry["seat"] for entry in drive.last("k", "state")["lobby"]] == ["g0", "g1"]


def test_resuming_replaces_the_connection_before_which_is_told_so() -> None:
    drive = counselling_underway()
    drive.resume("s2", "song", "token-s")
    assert drive.kicked == {"s": "moved"}
    drive.lose("s")
    assert drive.presence("song") == "connected"


def test_a_resume_token_dies_two_turns_later_and_after_ten_minutes() -> None:
    drive = counselling_underway()
    drive.resume("s2", "song", "token-s")
    drive.resume("s3", "song", "token-s")  # the answer with token-s2 may have been lost
    drive.resume("s4", "song", "token-s3")
    with refused(Code.RESUME_INVALID):
        drive.resume("s5", "song", "token-s")
    drive.lose("s4")
    drive.now += timedelta(minutes=10, seconds=1)
    with refused(Code.RESUME_INVALID):
        drive.resume("s6", "song", "token-s4")


def test_a_resume_token_outlives_a_long_conversation() -> None:
    drive = counselling_underway()
    drive.now += timedelta(hours=2)
    drive.lose("s")
    drive.resume("s2", "song", "token-s")


def test_a_forwarded_link_cannot_take_a_live_seat() -> None:
    drive = counselling_underway()
    drive.come("x", "song")
    assert drive.kicked == {}
    claim = drive.last("x", "state")
    assert (claim["you"]["claiming"], claim["resume"], claim["consent"]["items"], claim["you"]["may"]) == (
        True,
        None,
        [],
        ["media.stats", "state.get"],
    )
    assert drive.last("s", "you.state")["you"]["claimed"] is True
    assert drive.last("k", "lobby.wait")["lobby"][0]["claim"] is True
    with refused(Code.WRONG_STATE):
        drive.ask("x", "chat.send", id="0" * 32, to="all", text="?")
    drive.ask("s", "seat.takeover", seat="song", agree=False)
    assert drive.kicked == {"x": "denied"}
    assert drive.presence("song") == "connected"


@pytest.mark.parametrize("decider", ["s", "k"])
def test_holder_or_host_may_give_the_seat_to_the_second_device(decider: str) -> None:
    drive = counselling_underway()
    drive.come("x", "song")
    drive.ask(decider, "seat.takeover", seat="song", agree=True)
    assert drive.kicked == {"s": "moved"}
    state = drive.last("x", "state")
    assert (state["you"]["presence"], state["you"]["claiming"], state["media"]["kept"]) == ("connected", False, False)
    drive.lose("x")
    drive.resume("x2", "song", "token-x")
    with refused(Code.RESUME_INVALID):
        drive.resume("s2", "song", "token-s")


def test_another_guest_cannot_decide_a_claim() -> None:
    drive = Drive(spec("small_group"))
    for conn, name in (("k", "kim"), ("a", "g0"), ("b", "g1")):
        drive.come(conn, name)
    drive.ask("k", "lobby.admit_all")
    drive.come("x", "g0")
    with refused(Code.NOT_ALLOWED):
        drive.ask("b", "seat.takeover", seat="g0", agree=True)


def test_who_leaves_one_device_waits_with_the_other() -> None:
    drive = counselling_underway()
    drive.come("x", "song")
    drive.ask("s", "room.leave")
    assert drive.kicked == {"s": "left"}
    assert drive.presence("song") == "waiting"
    assert drive.last("x", "state")["you"]["claiming"] is False
    drive.ask("k", "lobby.admit", seat="song")
    assert drive.presence("song") == "connected"


def test_staff_take_their_own_seat_at_once_and_the_old_device_falls_silent() -> None:
    drive = counselling_underway()
    outcome = drive.come("k2", "kim")
    assert drive.kicked == {"k": "moved"}
    assert [type(effect).__name__ for effect in outcome.effects][:3] == ["Kick", "ReleaseMedia", "AdmitMedia"]


def test_removal_is_immediate_and_needs_a_new_admission() -> None:
    drive = counselling_underway()
    drive.ask("k", "seat.remove", seat="song")
    assert drive.kicked == {"s": "removed"}
    assert drive.media == {"kim"}
    with refused(Code.RESUME_INVALID):
        drive.resume("s2", "song", "token-s")
    drive.come("s3", "song")
    assert drive.presence("song") == "waiting"


def test_a_denied_guest_is_told_the_reason() -> None:
    drive = Drive(spec())
    drive.come("k", "kim")
    drive.come("s", "song")
    drive.ask("k", "lobby.deny", seat="song", reason="다음 시간에 봬요")
    assert drive.kicked == {"s": "denied"}
    assert drive.presence("song") == "denied"


def test_a_locked_room_refuses_newcomers_but_not_those_who_reload() -> None:
    drive = counselling_underway(seats=[seat("kim", "host"), seat("song", "guest"), seat("bae", "guest")])
    drive.ask("k", "room.lock", locked=True)
    with refused(Code.ROOM_LOCKED):
        drive.come("b", "bae")
    drive.lose("s")
    drive.resume("s2", "song", "token-s")


def test_a_full_room_admits_nobody_more() -> None:
    drive = Drive(spec("small_group", capacity=2))
    for conn, name in (("k", "kim"), ("a", "g0"), ("b", "g1")):
        drive.come(conn, name)
    drive.ask("k", "lobby.admit_all")
    assert (drive.presence("g0"), drive.presence("g1")) == ("connected", "waiting")
    with refused(Code.ROOM_FULL):
        drive.ask("k", "lobby.admit", seat="g1")
    with refused(Code.ROOM_FULL):
        drive.come("p", "park")


def test_media_ends_45_s_after_the_line_and_the_seat_is_dropped_after_120() -> None:
    drive = counselling_underway()
    drive.lose("s")
    drive.wait(44)
    assert "song" in drive.media
    drive.wait(1)
    assert "song" not in drive.media
    assert drive.presence("song") == "reconnecting"
    drive.wait(75)
    assert drive.presence("song") == "dropped"
    drive.resume("s2", "song", "token-s")
    assert (drive.presence("song"), drive.last("s2", "state")["media"]["kept"]) == ("connected", False)


def test_a_revoked_seat_is_sent_out_at_once() -> None:
    drive = counselling_underway()
    drive.happens(SpecChanged(spec(seats=[seat("kim", "host"), seat("song", "guest", revoked=True)])))
    assert drive.kicked == {"s": "seat_revoked"}
    with refused(Code.SEAT_REVOKED):
        drive.come("s2", "song")


def test_a_seat_that_a_newer_spec_no_longer_names_is_revoked() -> None:
    drive = counselling_underway()
    drive.happens(SpecChanged(spec(seats=[seat("kim", "host")])))
    assert drive.kicked == {"s": "seat_revoked"}


def test_ending_says_goodbye_to_all_and_refuses_everything_after() -> None:
    drive = counselling_underway()
    drive.ask("k", "room.end")
    assert drive.kicked == {"k": "call_ended", "s": "call_ended"}
    assert drive.media == set()
    with refused(Code.CALL_ENDED):
        drive.come("s2", "song")
    with refused(Code.CALL_ENDED):
        drive.ask("k", "room.end")


def test_a_room_with_people_is_closed_only_when_the_last_of_them_has_gone() -> None:
    drive = counselling_underway()
    drive.happens(CloseWhenEmpty())
    drive.ask("k", "room.leave")
    drive.lose("s")
    drive.wait(119)
    assert drive.call.state.seating.phase == "live"
    drive.wait(2)
    assert drive.call.state.seating.phase == "ended"
    assert drive.facts[-1].kind in ("call_ended", "hosting")


def test_who_waits_for_what_will_not_take_place_is_told_at_once_and_the_call_ends() -> None:
    drive = Drive(spec())
    drive.come("s", "song")
    drive.happens(CloseWhenEmpty())
    assert drive.kicked == {"s": "call_ended"}
    assert drive.presence("song") == "left"
    assert drive.call.state.seating.ended
    with refused(Code.CALL_ENDED):
        drive.resume("s2", "song", "token-s")


def test_who_waits_is_told_at_once_also_while_others_are_in_the_room() -> None:
    drive = Drive(spec("small_group"))
    drive.come("k", "kim")
    drive.come("a", "g0")
    drive.come("b", "g1")
    drive.ask("k", "lobby.admit", seat="g0")
    drive.happens(CloseWhenEmpty())
    assert drive.kicked == {"b": "call_ended"}
    assert drive.last("k", "lobby.wait")["lobby"] == []
    drive.come("c", "g2")
    assert drive.kicked == {"b": "call_ended", "c": "call_ended"}
    drive.ask("k", "room.leave")
    assert not drive.call.state.seating.ended
    drive.ask("a", "room.leave")
    assert drive.call.state.seating.ended


def test_warnings_come_once_at_ten_five_and_one_minutes() -> None:
    drive = counselling_underway()
    drive.now = NOON + timedelta(minutes=39, seconds=50)
    drive.wait(620)
    warned = [data["minutes"] for event, data in drive.pushed["s"] if event == "room.warn"]
    assert warned == [10, 5, 1]
    assert drive.call.state.seating.phase == "live"


def test_who_was_let_in_while_away_comes_straight_in() -> None:
    drive = Drive(spec())
    drive.come("k", "kim")
    drive.come("s", "song")
    drive.lose("s")
    drive.ask("k", "lobby.admit", seat="song")
    assert drive.presence("song") == "admitted"
    drive.resume("s2", "song", "token-s")
    assert drive.presence("song") == "connected"
    assert drive.last("s2", "state")["seats"] != []


def test_what_a_killed_run_left_of_an_ended_recording_is_still_handed_over() -> None:
    drive = counselling_underway()
    drive.ask("k", "recording.request", action="start")
    drive.ask("k", "room.end")
    assert not drive.call.finished
    drive.recorders.clear()
    drive.restart()
    assert drive.recorders == {"r1"}
    drive.happens(RecorderClosed("r1"))
    assert drive.call.finished
