"""Chat, hands, agenda, clock, bookmarks, next steps, the shown page, media requests."""

from typing import Any

import pytest

from signaling.call.conduct import MAX_BOOKMARKS, MAX_NEXT_STEPS
from signaling.call.effects import AnswerUp, ChangeMedia, ClientCounted
from signaling.call.inputs import PathChanged, Request, TrackStalled, UpRefused
from signaling.call.line_hint import GOOD_AFTER, WEAK_AFTER
from signaling.call.talk import MAX_LINES
from signaling.errors import Code, Refused
from signaling.media.port import PathState, PeerConnection, SeatId, Source
from signaling.messages.table import parse_request
from tests.calls import Drive, counselling_underway, refused, seat, spec

A, B = "a" * 32, "b" * 32
OFFER: dict[str, Any] = {"neg": 1, "sdp": "v=0", "tracks": [{"mid": "0", "source": "mic"}]}


def interview_underway() -> Drive:
    drive = Drive(spec("interview"))
    for conn, name in (("l", "lee"), ("c", "choi"), ("j", "jung")):
        drive.come(conn, name)
    drive.ask("l", "lobby.admit", seat="jung")
    return drive


def test_the_panel_channel_never_reaches_a_guest() -> None:
    drive = interview_underway()
    drive.ask("c", "chat.send", id=A, to="panel", text="다음 질문은 제가")
    drive.ask("l", "chat.mark", id=A, marked=True)
    assert drive.last("l", "chat.said")["line"]["marked"] is True
    assert "chat.said" not in drive.events("j")
    drive.resume("j2", "jung", "token-j")
    assert drive.last("j2", "state")["chat"] == []
    assert len(drive.call.state.talk.lines) == 1


def test_a_guest_cannot_write_to_the_panel() -> None:
    drive = interview_underway()
    with pytest.raises(Refused, check=lambda error: error.code == Code.NOT_ALLOWED):
        drive.ask("j", "chat.send", id=A, to="panel", text="?")


def test_saying_the_same_line_again_says_it_once() -> None:
    drive = counselling_underway()
    for _ in range(2):
        assert drive.ask("s", "chat.send", id=A, to="all", text="안녕하세요") == {}
    assert drive.events("k").count("chat.said") == 1


@pytest.mark.parametrize(
    ("event", "most", "what"),
    [
        ("chat.send", MAX_LINES, {"to": "all", "text": "말"}),
        ("bookmark", MAX_BOOKMARKS, {}),
        ("next_step.add", MAX_NEXT_STEPS, {"text": "할 일"}),
    ],
)
def test_a_call_holds_so_many_and_refuses_one_more(event: str, most: int, what: dict[str, str]) -> None:
    drive = counselling_underway()
    for number in range(most):
        drive.ask("k", event, id=f"{number:032x}", **what)
    with refused(Code.TOO_MANY):
        drive.ask("k", event, id=A, **what)
    drive.ask("k", event, id=f"{0:032x}", **what)  # what is there already is not one more


def test_interview_questions_and_next_steps_are_for_the_panel_only() -> None:
    drive = interview_underway()
    drive.ask("c", "agenda.mark", item="q1", state="asked")
    drive.ask("c", "next_step.add", id=A, text="2차 면접", due="2026-12-01")
    drive.ask("l", "bookmark", id=B)
    assert drive.last("c", "agenda.state")["agenda"][0]["state"] == "asked"
    for event in ("agenda.state", "next_step.state", "bookmark.state", "document.state"):
        assert event not in drive.events("j")
    assert drive.last("j", "state")["agenda"] == []


def test_in_counselling_agenda_and_next_steps_are_seen_together() -> None:
    drive = counselling_underway()
    drive.ask("k", "agenda.mark", item="q1", state="done")
    drive.ask("k", "next_step.add", id=A, text="이력서")
    drive.ask("k", "next_step.remove", id=A)
    assert drive.last("s", "agenda.state")["agenda"][0]["state"] == "done"
    assert drive.last("s", "next_step.state")["next_steps"] == []


def test_the_clock_pauses_and_resumes() -> None:
    drive = counselling_underway()
    drive.ask("k", "clock.run", running=True)
    drive.wait(30)
    drive.ask("k", "clock.run", running=False)
    drive.wait(30)
    assert drive.last("s", "clock.state")["clock"] == {
        "running": False,
        "elapsed_s": 30.0,
        "at": "2026-11-22T03:00:30Z",
    }


def test_only_a_page_that_exists_can_be_shown() -> None:
    drive = counselling_underway()
    with pytest.raises(Refused, check=lambda error: error.code == Code.UNKNOWN_ITEM):
        drive.ask("k", "document.show", document="d1", page=4)
    drive.ask("k", "document.show", document="d1", page=3)
    assert drive.last("s", "document.shown")["shown"]["page"] == 3
    drive.ask("k", "document.show", document=None)
    assert drive.last("s", "document.shown")["shown"] is None


def test_a_host_lowers_anothers_hand_and_a_guest_only_the_own() -> None:
    drive = counselling_underway()
    drive.ask("s", "hand.raise")
    assert drive.last("k", "seat.state")["seat"]["hand_raised_at"] is not None
    with pytest.raises(Refused, check=lambda error: error.code == Code.NOT_ALLOWED):
        drive.ask("s", "hand.lower", seat="kim")
    drive.ask("k", "hand.lower", seat="song")
    assert drive.last("s", "seat.state")["seat"]["hand_raised_at"] is None


def test_what_is_published_is_seen_with_its_mute_and_taken_back_if_refused() -> None:
    drive = counselling_underway()
    assert drive.ask("s", "up.offer", **OFFER) is None
    drive.ask("s", "up.state", mid="0", muted=True)
    assert drive.last("k", "seat.state")["seat"]["tracks"] == [
        {"track": "song.mic", "source": "mic", "muted": True, "stalled": False}
    ]
    drive.happens(UpRefused(SeatId("song"), ()))
    assert drive.last("k", "seat.state")["seat"]["tracks"] == []


def test_a_track_of_which_nothing_comes_is_said_unless_it_is_muted_or_taken_back() -> None:
    drive = counselling_underway()

    def stalled() -> list[bool]:
        return [track["stalled"] for track in drive.last("k", "seat.state")["seat"]["tracks"]]

    drive.ask("s", "up.offer", **OFFER)
    drive.happens(TrackStalled(SeatId("song"), Source.MIC, True))
    assert stalled() == [True]
    assert drive.last("s", "seat.state")["seat"] == drive.last("k", "seat.state")["seat"], "its own person is told too"
    drive.ask("s", "up.state", mid="0", muted=True)
    assert stalled() == [False]
    drive.ask("s", "up.state", mid="0", muted=False)
    drive.happens(TrackStalled(SeatId("song"), Source.MIC, False))
    assert stalled() == [False]
    drive.happens(TrackStalled(SeatId("song"), Source.MIC, True))
    drive.ask("s", "up.offer", **OFFER | {"neg": 2, "tracks": []})
    drive.ask("s", "up.offer", **OFFER | {"neg": 3})
    assert stalled() == [False], "a new publication begins anew"


def test_an_observer_publishes_nothing() -> None:
    drive = counselling_underway(seats=[seat("kim", "host"), seat("song", "guest"), seat("o", "observer")])
    drive.come("o", "o")
    drive.ask("k", "lobby.admit", seat="o")
    with pytest.raises(Refused, check=lambda error: error.code == Code.NOT_ALLOWED):
        drive.ask("o", "up.offer", **OFFER)


def test_media_requests_become_effects_in_order_and_older_wants_are_ignored() -> None:
    drive = counselling_underway()
    want = {"tracks": [{"track": "kim.mic", "max_height": 0, "visible": True}]}
    kinds = []
    for number, (event, data) in enumerate(
        [("up.offer", OFFER), ("down.want", {"rev": 2, **want}), ("down.want", {"rev": 1, **want})], start=90
    ):
        outcome = drive.happens(Request("s", number, event, parse_request(event, data)))
        kinds.append([type(effect) for effect in outcome.effects if isinstance(effect, AnswerUp | ChangeMedia)])
        assert (outcome.answer is None) == bool(kinds[-1])
    assert kinds == [[AnswerUp], [ChangeMedia], []]


def test_a_line_on_which_every_voice_breaks_is_a_bad_one_and_the_others_are_told() -> None:
    drive = counselling_underway()

    def hears(*concealed: float) -> str:
        voices = [{"track": f"s{number}.mic", "concealed_percent": each} for number, each in enumerate(concealed)]
        for _reading in range(WEAK_AFTER):
            drive.ask("s", "media.stats", seconds=4.0, tracks=voices)
        return str(drive.call.state.connections.publishes(SeatId("song")).hint)

    assert hears(12.0, 0.5) == "good", "that is one speaker's line"
    assert hears(12.0, 20.0) == "weak"
    assert drive.last("k", "seat.state")["seat"]["hint"] == "weak"
    assert [report.seconds for report in drive.call.reports.values()] == [4.0]


def test_a_line_on_which_every_camera_stops_again_and_again_is_a_bad_one() -> None:
    drive = counselling_underway()

    def sees(**freezes: int) -> str:
        pictures = [{"track": f"{name.replace('_', '.')}", "freezes": each} for name, each in freezes.items()]
        for _reading in range(max(WEAK_AFTER, GOOD_AFTER)):
            drive.ask("s", "media.stats", seconds=4.0, tracks=pictures)
        return str(drive.call.state.connections.publishes(SeatId("song")).hint)

    assert sees(kim_screen=3) == "good", "a shared screen may stand still"
    assert sees(kim_camera=2, park_camera=0) == "good", "that is one sender's line"
    assert sees(kim_camera=2, park_camera=1) == "weak"
    assert sees(kim_camera=0) == "good"
    for _reading in range(WEAK_AFTER):
        drive.ask("k", "media.stats", rtt_ms=900.0)
    assert sees(kim_camera=2) == "good", "whose line is weak as a whole sends pictures that stop"


def test_who_hears_what_broke_on_the_speakers_line_is_not_blamed_for_it() -> None:
    drive = counselling_underway()

    def hint_of_the_listener(up_loss_of_the_speaker: float) -> str:
        drive.ask("k", "media.stats", up_loss_percent=up_loss_of_the_speaker)
        for _reading in range(WEAK_AFTER):
            drive.ask("s", "media.stats", down_loss_percent=15.0, tracks=[{"track": "kim.mic", "lost_percent": 15.0}])
        return str(drive.call.state.connections.publishes(SeatId("song")).hint)

    assert hint_of_the_listener(15.0) == "good"
    assert hint_of_the_listener(0.0) == "weak"


def test_a_bad_line_is_shown_to_who_hosts_when_it_lasts() -> None:
    drive = counselling_underway()
    drive.ask("s", "media.stats", up_loss_percent=12.0)
    assert drive.last("k", "seat.state")["seat"]["hint"] == "good"
    drive.ask("s", "media.stats", up_loss_percent=12.0)
    assert drive.last("k", "seat.state")["seat"]["hint"] == "weak"
    drive.happens(PathChanged(SeatId("song"), PeerConnection.UP, PathState.LOST))
    assert drive.last("k", "seat.state")["seat"]["hint"] == "lost"
    drive.happens(PathChanged(SeatId("song"), PeerConnection.UP, PathState.CONNECTED))
    for _reading in range(GOOD_AFTER):
        drive.ask("s", "media.stats", up_loss_percent=0.0)
    assert drive.last("k", "seat.state")["seat"]["hint"] == "good"


def test_of_other_guests_weak_lines_a_guest_hears_nothing_and_of_the_own_line_all() -> None:
    drive = Drive(spec("small_group"))
    for name in ("kim", "g0", "g1"):
        drive.come(name, name)
    drive.ask("kim", "lobby.admit_all")
    for _reading in range(WEAK_AFTER):
        drive.ask("g0", "media.stats", up_loss_percent=12.0)

    def hint_of_g0(seen_by: str) -> str:
        told = drive.ask(seen_by, "state.get") or {}
        return str(next(view["hint"] for view in told["seats"] if view["seat"] == "g0"))

    assert [hint_of_g0(name) for name in ("kim", "g0", "g1")] == ["weak", "weak", "good"]
    drive.happens(PathChanged(SeatId("g0"), PeerConnection.UP, PathState.LOST))
    assert hint_of_g0("g1") == "lost", "who is gone is seen by all"


def test_what_a_client_counts_is_told_to_the_engine() -> None:
    drive = counselling_underway()
    stats = parse_request("media.stats", {"down_loss_percent": 12.0, "rtt_ms": 80.0})
    outcome = drive.happens(Request("s", 1, "media.stats", stats))
    assert [effect for effect in outcome.effects if isinstance(effect, ClientCounted)] == [
        ClientCounted(SeatId("song"), stats)  # type: ignore[arg-type]
    ]
    assert outcome.answer == {}
