"""Recording and consent: exactly those who agreed are written, exactly while they agree."""

import pytest

from signaling.call.inputs import RecorderClosed, RecorderFailed, SpecChanged
from signaling.errors import Code, Refused
from signaling.messages.shapes import ConsentAnswer
from tests.calls import Drive, counselling_underway, seat, spec

AGREES = {"sound": "granted", "picture": "granted"}


def underway(host: dict[str, str], guest: dict[str, str]) -> Drive:
    return counselling_underway(seats=[seat("kim", "host", consent=host), seat("song", "guest", consent=guest)])


def test_nothing_is_written_before_a_host_asks() -> None:
    drive = underway(AGREES, AGREES)
    assert drive.written == frozenset()
    assert drive.last("s", "state")["recording"]["status"] == "armed"


def test_exactly_the_granted_tracks_are_written_the_hosts_too() -> None:
    drive = underway({"sound": "granted", "picture": "refused"}, {"sound": "refused", "picture": "granted"})
    drive.ask("k", "recording.request", action="start")
    assert drive.written == {"kim.mic", "kim.screen_audio", "song.camera", "song.screen"}
    told = drive.last("s", "recording.state")["recording"]
    assert told["seats"] == [
        {"seat": "kim", "sound": True, "picture": False},
        {"seat": "song", "sound": False, "picture": True},
    ]


def test_withdrawing_stops_the_writing_at_once_and_not_the_conversation() -> None:
    drive = underway(AGREES, AGREES)
    drive.ask("k", "recording.request", action="start")
    drive.ask("s", "consent.answer", item="sound", answer="refused", text_version="old", lang="ko")
    assert "song.mic" not in drive.written
    assert "song.camera" in drive.written
    assert drive.media == {"kim", "song"}
    answers = [fact.answer for fact in drive.facts if fact.kind == "consent_answered"]
    assert answers == [ConsentAnswer.WITHDRAWN]


def test_a_newcomer_is_unwritten_and_asked_privately_until_answering() -> None:
    drive = Drive(spec("small_group", seats=[seat("kim", "host", consent=AGREES), seat("g", "guest")]))
    drive.come("k", "kim")
    drive.ask("k", "recording.request", action="start")
    drive.come("g", "g")
    assert drive.last("g", "state")["consent"]["asked"] is False
    drive.ask("k", "lobby.admit", seat="g")
    assert drive.last("g", "state")["consent"]["asked"] is True
    assert "consent.ask" not in drive.events("k")
    assert not {track for track in drive.written if track.startswith("g.")}
    drive.ask("g", "consent.answer", item="sound", answer="granted", text_version="v1", lang="ko")
    assert drive.written >= {"g.mic"}
    drive.ask("g", "consent.answer", item="picture", answer="refused", text_version="v1", lang="ko")
    assert drive.last("g", "consent.ask")["consent"]["asked"] is False


def test_an_answer_to_an_older_text_does_not_grant() -> None:
    drive = underway(AGREES, {})
    with pytest.raises(Refused, check=lambda error: error.code == Code.CONSENT_TEXT_CHANGED):
        drive.ask("s", "consent.answer", item="sound", answer="granted", text_version="v0", lang="ko")


def test_withdrawing_on_the_page_counts_in_the_room() -> None:
    drive = underway(AGREES, AGREES)
    drive.ask("k", "recording.request", action="start")
    withdrawn = {"sound": "withdrawn", "picture": "granted"}
    seats = [seat("kim", "host", consent=AGREES), seat("song", "guest", consent=withdrawn)]
    drive.happens(SpecChanged(spec(seats=seats)))
    assert "song.mic" not in drive.written
    drive.happens(SpecChanged(spec(seats=seats, title="newer")))  # the same answer again is no new answer
    assert len([fact for fact in drive.facts if fact.kind == "consent_answered"]) == 1


def test_recording_that_is_not_permitted_cannot_be_started() -> None:
    drive = counselling_underway(recording={"allowed": False, "id": None})
    with pytest.raises(Refused, check=lambda error: error.code == Code.RECORDING_NOT_PERMITTED):
        drive.ask("k", "recording.request", action="start")
    assert drive.last("s", "state")["recording"]["status"] == "not_permitted"


def test_a_guest_cannot_start_recording() -> None:
    drive = underway(AGREES, AGREES)
    with pytest.raises(Refused, check=lambda error: error.code == Code.NOT_ALLOWED):
        drive.ask("s", "recording.request", action="start")


def test_stopping_writes_nothing_and_starting_again_goes_on() -> None:
    drive = underway(AGREES, {})
    drive.ask("k", "recording.request", action="start")
    drive.ask("k", "recording.request", action="stop")
    assert drive.written == frozenset()
    assert drive.last("s", "recording.state")["recording"]["status"] == "stopped"
    drive.ask("k", "recording.request", action="start")
    assert "kim.mic" in drive.written


def test_a_failing_recorder_is_told_to_all_and_the_call_goes_on() -> None:
    drive = underway(AGREES, AGREES)
    drive.ask("k", "recording.request", action="start")
    drive.happens(RecorderFailed("r1", "disk_full"))
    assert drive.last("s", "recording.state")["recording"]["status"] == "failed"
    assert drive.written == frozenset()
    assert drive.media == {"kim", "song"}


def test_who_leaves_is_written_no_more() -> None:
    drive = underway(AGREES, AGREES)
    drive.ask("k", "recording.request", action="start")
    drive.ask("s", "room.leave")
    assert drive.written == {"kim.mic", "kim.screen_audio", "kim.camera", "kim.screen"}


def test_after_a_restart_recording_goes_on_with_a_gap() -> None:
    drive = underway(AGREES, AGREES)
    drive.ask("k", "recording.request", action="start")
    written = drive.written
    drive.recorders.clear()
    drive.restart()
    assert (drive.written, drive.recorders) == (written, {"r1"})
    assert [fact.cause for fact in drive.facts if fact.kind == "recording_gap"] == ["node_restarted"]


def test_ending_stops_recording_and_the_last_word_is_that_it_is_sealed() -> None:
    drive = underway(AGREES, AGREES)
    drive.ask("k", "recording.request", action="start")
    drive.ask("k", "room.end")
    assert drive.written == frozenset()
    drive.happens(RecorderClosed("r1"))
    assert [fact.kind for fact in drive.facts][-3:] == ["hosting", "recording_stopped", "recording_sealed"]
