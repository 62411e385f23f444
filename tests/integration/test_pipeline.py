"""Processing as a whole: recorded by the real recorder, made playable; and done again after any failure."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recordings.errors import Cancelled
from recordings.facts import read_facts
from recordings.model import Part
from recordings.pipeline import Order, Processed, Step, process
from recordings.sealed import SealedReader
from recordings.summarise import Meeting, summarise
from recordings.synthetic import picture, tone
from recordings.timeline import Timeline
from recordings.vault import HEADER_MAX_BYTES
from recordings.verify import verify
from signaling.media.port import SeatId, TrackId
from tests.call_facts import Journal
from tests.recording_node import a_node
from tests.rtp_media import Packet, Sender, in_order_of_arrival
from tests.stored_recording import CONTENT_KEY, KEY, Shelf, StoredRecording

SEATS = [SeatId("alice"), SeatId("bob")]
ABOUT: dict[str, str | int] = {"recording": "rec1", "what": "playable"}
MEETING = Meeting(
    ZoneInfo("Asia/Seoul"), {SeatId("alice"): "윤가람(견본)", SeatId("bob"): "김서연(견본)"}, {"a1": "이력서"}
)


def a_call(seconds: int = 3) -> list[Packet]:
    alice, bob = Sender("alice"), Sender("bob", ssrc=5_000)
    return in_order_of_arrival(
        alice.video(picture(seconds, 160, 90, 25, seed=1), 25),
        alice.audio(tone(seconds, 300)),
        bob.audio(tone(seconds, 500)),
    )


def a_journal(seconds: float = 3) -> Journal:
    journal = Journal()
    for seat in SEATS:
        journal.presence(0, seat, "connected")
    journal.recording(0, "recording_started", "alice.mic", "alice.camera", "bob.mic")
    journal(1, "bookmarked", id="b1", by="bob", text="경력")
    journal(2, "agenda_marked", item="a1", state="asked", by="bob")
    journal(seconds, "call_ended", by="bob", cause="host")
    return journal


def an_order(parts: list[Part], journal: Journal) -> Order:
    return Order(
        recording="rec1",
        parts=parts,
        facts=journal.rows,
        seats=SEATS,
        meeting=MEETING,
        content_key=CONTENT_KEY,
        data_key=KEY,
        about=ABOUT,
    )


def processed(order: Order, shelf: Shelf, scratch: Path, **more: Any) -> tuple[Processed, list[tuple[Step, float]]]:
    told: list[tuple[Step, float]] = []
    made = process(order, shelf, scratch, lambda step, share: told.append((step, share)), **more)
    assert list(scratch.iterdir()) == []
    return made, told


async def test_what_the_recorder_wrote_becomes_a_playable_file_and_a_draft(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({TrackId("alice.mic"), TrackId("alice.camera"), TrackId("bob.mic")})
        for packet in a_call():
            packet.into(recorder)
        await recorder.close()
    shelf = Shelf({part.id.object_name: node.store.bytes_of(part) for part in node.listener.parts})
    assert verify(node.listener.parts, shelf.read, CONTENT_KEY) == []
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made, told = processed(an_order(node.listener.parts, a_journal()), shelf, scratch)
    assert made.playable is not None
    assert made.playable.duration_s == pytest.approx(3)
    assert made.is_whole
    stored = shelf.objects[made.playable.object]
    reader = SealedReader(stored[:HEADER_MAX_BYTES], len(stored), CONTENT_KEY, ABOUT)
    assert reader.size_bytes == made.playable.size_bytes
    assert reader.open_all(stored)[4:8] == b"ftyp"
    facts = read_facts(a_journal().rows)
    lines = summarise(facts, Timeline.restored(json.loads(json.dumps(made.contents))), MEETING)
    assert [line.kind for line in lines] == ["who_was_there", "who_was_there", "recording", "bookmark", "agenda"]
    assert lines[2].text_en.endswith("picture not recorded")
    assert [line.at_s for line in lines[3:]] == [1.0, 2.0]
    assert [mark["at_s"] for mark in made.contents["marks"]] == [1.0, 2.0]  # type: ignore[attr-defined]  # JSON
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert list(dict.fromkeys(step for step, _ in told)) == [Step.SURVEY, Step.COMPOSE]


@pytest.fixture
def stored() -> StoredRecording:
    return StoredRecording(part_s=1).add(a_call())


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path


def test_a_file_that_is_there_is_not_made_again(stored: StoredRecording, scratch: Path) -> None:
    shelf, order = Shelf(stored.objects), an_order(stored.parts, a_journal())
    first, _ = processed(order, shelf, scratch)
    again, _ = processed(order, shelf, scratch)
    assert again == first
    assert shelf.puts == 1


def test_a_part_that_comes_late_makes_another_file(stored: StoredRecording, scratch: Path) -> None:
    shelf = Shelf(stored.objects)
    early, _ = processed(an_order(stored.parts[1:], a_journal()), shelf, scratch)
    late, _ = processed(an_order(stored.parts, a_journal()), shelf, scratch)
    assert early.playable
    assert late.playable
    assert early.playable.object != late.playable.object


def test_a_missing_part_leaves_a_file_that_says_it_is_not_whole(stored: StoredRecording, scratch: Path) -> None:
    lost = next(part for part in stored.parts if part.id.track == "bob.mic" and part.id.part == 1)
    del stored.objects[lost.id.object_name]
    made, _ = processed(an_order(stored.parts, a_journal()), Shelf(stored.objects), scratch)
    assert made.playable
    assert not made.is_whole
    gaps = made.contents["gaps"]
    assert isinstance(gaps, list)
    assert ("bob.mic", "part_missing") in [(gap["track"], gap["cause"]) for gap in gaps]


def test_a_recording_that_the_disk_ended_is_not_whole(stored: StoredRecording, scratch: Path) -> None:
    journal = a_journal()
    journal.rows.pop()  # the call goes on
    journal(2, "recording_failed", recording="rec1", code="disk_full")
    made, _ = processed(an_order(stored.parts, journal), Shelf(stored.objects), scratch)
    assert made.playable
    assert made.playable.duration_s == pytest.approx(2)
    assert not made.is_whole


def test_a_store_that_goes_away_is_an_error_and_no_missing_part(stored: StoredRecording, scratch: Path) -> None:
    class Away(Shelf):
        def read(self, name: str) -> bytes:
            raise ConnectionError(name)

    with pytest.raises(ConnectionError):
        processed(an_order(stored.parts, a_journal()), Away(stored.objects), scratch)


@pytest.mark.parametrize("after", [0, 2, 4])
def test_cancelling_leaves_nothing_behind_and_it_can_be_done_again(
    stored: StoredRecording, scratch: Path, after: int
) -> None:
    shelf, order = Shelf(stored.objects), an_order(stored.parts, a_journal())
    asked: list[None] = []

    def is_cancelled() -> bool:
        asked.append(None)
        return len(asked) > after

    with pytest.raises(Cancelled):
        processed(order, shelf, scratch, is_cancelled=is_cancelled)
    assert list(scratch.iterdir()) == []
    assert shelf.puts == 0
    assert processed(order, shelf, scratch)[0].playable


def test_a_recording_in_which_nobody_agreed_has_no_file(scratch: Path) -> None:
    made, _ = processed(an_order([], a_journal()), Shelf({}), scratch)
    assert made.playable is None


def test_the_contents_hold_only_json(stored: StoredRecording, scratch: Path) -> None:
    made, _ = processed(an_order(stored.parts, a_journal()), Shelf(stored.objects), scratch)
    plain: Callable[[object], bool] = lambda value: (  # noqa: E731  recursive and used once
        all(plain(inner) for inner in value)
        if isinstance(value, list)
        else all(isinstance(key, str) and plain(inner) for key, inner in value.items())
        if isinstance(value, dict)
        else type(value) in (str, int, float, bool, TrackId) or value is None
    )
    assert plain(made.contents)
