"""The draft of a summary says what the facts say, each line with its evidence, and nothing else."""

from zoneinfo import ZoneInfo

import pytest

from recordings.facts import read_facts
from recordings.intervals import Interval
from recordings.summarise import DraftLine, Meeting, summarise
from recordings.timeline import Cause, Gap, Timeline
from signaling.media.port import SeatId, TrackId
from tests.call_facts import Journal
from tests.rtp_media import START_NS

MINUTE_NS = 60 * 10**9
SEOUL = ZoneInfo("Asia/Seoul")
MEETING = Meeting(
    SEOUL,
    {SeatId("seo"): "김서연(견본)", SeatId("yun"): "윤가람(견본)"},
    {"a1": "지난 주 활동", "a2": "이력서 점검", "a3": "마무리"},
)


def at_ns(minutes: float) -> int:
    return START_NS + round(minutes * MINUTE_NS)


def a_timeline(*gaps: Gap) -> Timeline:
    return Timeline((Interval(at_ns(1), at_ns(40)),), {}, gaps)


def draft(journal: Journal, timeline: Timeline | None = None) -> list[DraftLine]:
    return summarise(read_facts(journal.rows), timeline or a_timeline(), MEETING)


def of_kind(lines: list[DraftLine], kind: str) -> list[DraftLine]:
    return [line for line in lines if line.kind == kind]


def test_people_are_named_with_the_minutes_they_were_in_the_room() -> None:
    journal = Journal()
    came = journal.presence(0, "seo", "connected")
    journal.presence(120, "yun", "waiting")
    first = journal.presence(180, "yun", "connected")
    lost = journal.presence(600, "yun", "reconnecting")
    journal.presence(620, "yun", "connected")
    left = journal.presence(1_380, "yun", "left")
    journal(2_700, "call_ended", by="seo", cause="host")
    seo, yun = of_kind(draft(journal), "who_was_there")
    assert seo.text_ko == "김서연(견본): 17:53–18:38, 45분 참여"
    assert yun.text_en == "윤가람(견본): 17:56–18:16, present for 20 min"
    assert {first, lost, left} <= set(yun.evidence)
    assert seo.evidence == (came,)
    assert (seo.at_s, yun.at_s) == (None, 120)


def test_nobody_stays_longer_because_parts_are_handed_over_after_the_call() -> None:
    journal = Journal()
    journal.presence(0, "yun", "connected")
    journal(60, "agenda_marked", item="a3", state="asked", by="seo")
    journal(600, "call_ended", by="seo", cause="host")
    journal(3_600, "part_stored", recording="rec1", part={})
    people, item = draft(journal)
    assert people.text_en.endswith("present for 10 min")
    assert item.text_en.endswith("9 min")


def test_somebody_who_only_waited_was_not_there() -> None:
    journal = Journal()
    journal.presence(0, "yun", "waiting")
    journal.presence(60, "yun", "denied")
    assert draft(journal) == []


def test_what_was_covered_is_told_with_its_minutes_and_what_was_not_is_left_out() -> None:
    journal = Journal()
    first = journal(60, "agenda_marked", item="a1", state="asked", by="seo")
    second = journal(660, "agenda_marked", item="a2", state="asked", by="seo")
    done = journal(1_200, "agenda_marked", item="a2", state="done", by="seo")
    lines = of_kind(draft(journal), "agenda")
    assert [line.text_ko for line in lines] == ["‘지난 주 활동’ 다룸, 10분", "‘이력서 점검’ 다룸, 9분"]
    assert lines[0].evidence == (first, second)
    assert lines[1].evidence == (second, done)
    assert lines[1].at_s == 600


def test_an_item_that_was_unmarked_again_was_not_covered() -> None:
    journal = Journal()
    journal(60, "agenda_marked", item="a1", state="asked", by="seo")
    journal(70, "agenda_marked", item="a1", state="pending", by="seo")
    assert of_kind(draft(journal), "agenda") == []


def test_every_line_of_a_call_that_nothing_recorded_has_its_moment() -> None:
    journal = Journal()
    journal.presence(0, "yun", "connected")
    journal(60, "agenda_marked", item="a1", state="asked", by="seo")
    journal(90, "bookmarked", id="b1", by="seo", text=None)
    journal(120, "chat_said", id="c1", seat="yun", to="all", text="네")
    journal(125, "chat_marked", id="c1", by="seo", marked=True)
    journal(150, "next_step_added", id="n1", by="seo", text="이력서 보내기", due=None)
    lines = draft(journal, Timeline((), {}, ()))
    assert [line.at_s for line in lines] == [None] * 5
    moments = [(line.kind, (line.at_ns - START_NS) / 1e9) for line in lines]
    assert moments == [("who_was_there", 0), ("agenda", 60), ("bookmark", 90), ("chat", 120), ("next_step", 150)]


def test_only_marked_lines_of_the_open_chat_are_quoted() -> None:
    journal = Journal()
    said = journal(90, "chat_said", id="c1", seat="yun", to="all", text="자격증은 있습니다")
    journal(95, "chat_said", id="c2", seat="yun", to="all", text="네")
    journal(96, "chat_said", id="c3", seat="seo", to="panel", text="합격?")
    journal(97, "chat_said", id="c4", seat="seo", to="all", text="취소")
    mark = journal(100, "chat_marked", id="c1", by="seo", marked=True)
    journal(101, "chat_marked", id="c3", by="seo", marked=True)
    journal(102, "chat_marked", id="c4", by="seo", marked=True)
    journal(103, "chat_marked", id="c4", by="seo", marked=False)
    (line,) = of_kind(draft(journal), "chat")
    assert line.text_ko == "윤가람(견본): 자격증은 있습니다"
    assert line.evidence == (said, mark)
    assert (line.at_s, line.by) == (30, "yun")


def test_next_steps_come_last_as_they_stand_at_the_end() -> None:
    journal = Journal()
    journal(100, "next_step_added", id="n1", by="seo", text="이력서 보내기", due=None)
    journal(110, "next_step_added", id="n2", by="seo", text="빼기", due=None)
    kept = journal(120, "next_step_added", id="n1", by="seo", text="이력서 고쳐 보내기", due="2026-12-01")
    journal(130, "next_step_removed", id="n2", by="seo")
    journal(140, "bookmarked", id="b1", by="seo", text=None)
    lines = draft(journal)
    assert [line.kind for line in lines] == ["bookmark", "next_step"]
    assert lines[-1].text_ko == "이력서 고쳐 보내기 (기한 2026-12-01)"
    assert lines[-1].text_en == "이력서 고쳐 보내기 (due 2026-12-01)"
    assert lines[-1].evidence == (kept,)


def test_a_withdrawal_is_told_once_for_sound_and_picture_and_in_neutral_words() -> None:
    journal = Journal()
    withdrawn = journal(600, "consent_answered", seat="yun", item="sound", answer="withdrawn", by="yun")
    when = Interval(at_ns(10), at_ns(15))
    gaps = [Gap(TrackId(f"yun.{source}"), when, Cause.WITHDRAWN) for source in ("mic", "camera")]
    (line,) = of_kind(draft(journal, a_timeline(*gaps)), "recording")
    assert line.text_ko == "윤가람(견본): 18:03–18:08 녹화하지 않음 (동의를 거둠)"
    assert line.evidence == (withdrawn,)


def test_somebody_recorded_by_sound_alone_is_told_so() -> None:
    journal = Journal()
    started = journal.recording(60, "recording_started", "yun.mic")
    gap = Gap(TrackId("yun.camera"), Interval(at_ns(1), at_ns(5)), Cause.NOT_GRANTED)
    (line,) = draft(journal, a_timeline(gap))
    assert (line.text_ko, line.text_en) == (
        "윤가람(견본): 17:54–17:58 영상은 녹화하지 않음",
        "윤가람(견본): 17:54–17:58 picture not recorded",
    )
    assert (line.at_s, line.evidence) == (0, (started,))


def test_a_technical_gap_is_not_the_summary_s_business() -> None:
    gap = Gap(TrackId("yun.mic"), Interval(at_ns(3), at_ns(4)), Cause.NETWORK)
    assert draft(Journal(), a_timeline(gap)) == []


def test_lines_are_in_the_order_of_what_happened() -> None:
    journal = Journal()
    journal(300, "bookmarked", id="b1", by="seo", text="나중")
    journal(200, "agenda_marked", item="a1", state="asked", by="seo")
    journal(100, "chat_said", id="c1", seat="yun", to="all", text="먼저")
    journal(400, "chat_marked", id="c1", by="seo", marked=True)
    assert [line.kind for line in draft(journal)] == ["chat", "agenda", "bookmark"]


def test_every_drafted_line_names_facts_that_exist() -> None:
    journal = Journal()
    journal.presence(0, "seo", "connected")
    journal.recording(60, "recording_started")
    journal(90, "bookmarked", id="b1", by="seo", text="중요")
    gap = Gap(TrackId("seo.mic"), Interval(at_ns(1), at_ns(2)), Cause.NOT_GRANTED)
    references = {fact.ref for fact in read_facts(journal.rows)}
    lines = draft(journal, a_timeline(gap))
    assert len(lines) == 3
    assert all(set(line.evidence) <= references for line in lines)


def test_a_line_without_evidence_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="fact"):
        DraftLine("bookmark", "가", "a", START_NS, None, (), None)
