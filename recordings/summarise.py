"""The draft of a summary, made from facts alone: who was there, what was covered, marked, said and agreed. Pure.

No judgement and no score of anybody. Every line rests on facts and names them; a person edits and approves it. Lines of
the panel's own channel stay out: a summary may be shown to the seeker.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from recordings.facts import Fact, of_kind, over_at_ns
from recordings.history import History
from recordings.intervals import intersection, union
from recordings.timeline import Cause, Timeline, seat_of
from signaling.media.port import SeatId, Source

_CHOSEN = {Cause.NOT_GRANTED: ("", ""), Cause.WITHDRAWN: (" (동의를 거둠)", " (consent withdrawn)")}
_WHAT = {
    frozenset({"audio"}): ("소리는 ", "sound "),
    frozenset({"video"}): ("영상은 ", "picture "),
    frozenset({"audio", "video"}): ("", ""),
}


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One statement. `evidence`: references of the facts it rests on, at least one. `by`: whose words or deed it is."""

    kind: str  # who_was_there, agenda, bookmark, chat, recording or next_step
    text_ko: str
    text_en: str
    at_ns: int  # when it was
    at_s: float | None  # that moment in the playable file, if it has one
    evidence: tuple[str, ...]
    by: SeatId | None

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("a line of a summary rests on at least one fact")


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the facts refer to: the centre's zone, the names people had in the room, the agenda's words by item."""

    zone: tzinfo
    names: Mapping[SeatId, str]
    agenda: Mapping[str, str]

    def name(self, seat: SeatId) -> str:
        """As shown in the room."""
        return self.names.get(seat, "?")

    def clock(self, at_ns: int) -> str:
        """Hours and minutes at the centre."""
        return datetime.fromtimestamp(at_ns / 1e9, UTC).astimezone(self.zone).strftime("%H:%M")


def summarise(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> list[DraftLine]:
    """`facts`: of the whole call, in order. People first, then what happened in its order, next steps last."""
    happened = [
        *_agenda(facts, timeline, meeting),
        *_bookmarks(facts, timeline, meeting),
        *_chat(facts, timeline, meeting),
        *_unrecorded(facts, timeline, meeting),
    ]
    in_order = sorted(happened, key=lambda line: line.at_ns)
    return [*_people(facts, timeline, meeting), *in_order, *_next_steps(facts, timeline, meeting)]


def _people(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> Iterator[DraftLine]:
    history = History(facts)
    for seat in history.seats:
        stays = history.in_room(seat)
        minutes = _minutes(sum(stay.length_ns for stay in stays))
        start, end = meeting.clock(stays[0].start_ns), meeting.clock(stays[-1].end_ns)
        name = meeting.name(seat)
        evidence = tuple(fact.ref for fact in of_kind(facts, "presence") if fact.text("seat") == seat)
        yield DraftLine(
            "who_was_there",
            f"{name}: {start}–{end}, {minutes}분 참여",
            f"{name}: {start}–{end}, present for {minutes} min",
            stays[0].start_ns,
            timeline.position_s(stays[0].start_ns),
            evidence,
            seat,
        )


def _agenda(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> Iterator[DraftLine]:
    marks = of_kind(facts, "agenda_marked")
    for item, text in meeting.agenda.items():
        own = [mark for mark in marks if mark.text("item") == item]
        if not own or own[-1].text("state") == "pending":
            continue
        first = own[0]
        over = next((mark for mark in marks if mark.at_ns > first.at_ns and _ends(mark, item)), None)
        minutes = _minutes((over.at_ns if over else over_at_ns(facts)) - first.at_ns)
        evidence = tuple(dict.fromkeys([*(mark.ref for mark in own), *([over.ref] if over else [])]))
        yield DraftLine(
            "agenda",
            f"‘{text}’ 다룸, {minutes}분",
            f"Covered “{text}”, {minutes} min",
            first.at_ns,
            timeline.position_s(first.at_ns),
            evidence,
            SeatId(first.text("by")),
        )


def _ends(mark: Fact, item: str) -> bool:
    """An item is over when it is done, or when the next one is asked."""
    return (mark.text("state") == "done") if mark.text("item") == item else (mark.text("state") == "asked")


def _bookmarks(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> Iterator[DraftLine]:
    for fact in of_kind(facts, "bookmarked"):
        by, text = SeatId(fact.text("by")), fact.text("text")
        words = f": {text}" if text else ""
        yield DraftLine(
            "bookmark",
            f"표시한 순간{words} ({meeting.name(by)})",
            f"Marked moment{words} ({meeting.name(by)})",
            fact.at_ns,
            timeline.position_s(fact.at_ns),
            (fact.ref,),
            by,
        )


def _chat(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> Iterator[DraftLine]:
    marks = {fact.text("id"): fact for fact in of_kind(facts, "chat_marked")}
    for said in of_kind(facts, "chat_said"):
        mark = marks.get(said.text("id"))
        if mark is None or not mark.data.get("marked", True) or said.text("to") != "all":
            continue
        seat = SeatId(said.text("seat"))
        line = f"{meeting.name(seat)}: {said.text('text')}"
        yield DraftLine("chat", line, line, said.at_ns, timeline.position_s(said.at_ns), (said.ref, mark.ref), seat)


def _unrecorded(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> Iterator[DraftLine]:
    """Who chose not to be recorded and when, in neutral words; one line per person and time."""
    chosen = [gap for gap in timeline.gaps if gap.cause in _CHOSEN]
    decisions = of_kind(facts, "recording_started", "recording_changed", "consent_answered")
    for seat, cause in sorted({(seat_of(gap.track), gap.cause) for gap in chosen}):
        own = [gap for gap in chosen if (seat_of(gap.track), gap.cause) == (seat, cause)]
        for when in union(gap.interval for gap in own):
            kinds = {Source(gap.track.rpartition(".")[2]).kind for gap in own if intersection([gap.interval], [when])}
            before = [fact for fact in decisions if fact.at_ns <= when.start_ns and fact.data.get("seat", seat) == seat]
            if before:
                ko, en = _WHAT[frozenset(kinds)]
                times = f"{meeting.name(seat)}: {meeting.clock(when.start_ns)}–{meeting.clock(when.end_ns)}"
                why_ko, why_en = _CHOSEN[cause]
                yield DraftLine(
                    "recording",
                    f"{times} {ko}녹화하지 않음{why_ko}",
                    f"{times} {en}not recorded{why_en}",
                    when.start_ns,
                    timeline.position_s(when.start_ns),
                    (before[-1].ref,),
                    seat,
                )


def _next_steps(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> Iterator[DraftLine]:
    agreed: dict[str, Fact] = {}
    for fact in of_kind(facts, "next_step_added", "next_step_removed"):
        agreed.pop(fact.text("id"), None)
        if fact.kind == "next_step_added":
            agreed[fact.text("id")] = fact
    for fact in agreed.values():
        due = fact.text("due")
        yield DraftLine(
            "next_step",
            fact.text("text") + (f" (기한 {due})" if due else ""),
            fact.text("text") + (f" (due {due})" if due else ""),
            fact.at_ns,
            timeline.position_s(fact.at_ns),
            (fact.ref,),
            SeatId(fact.text("by")),
        )


def _minutes(length_ns: int) -> int:
    return max(1, round(length_ns / 60e9))
