"""What each person agreed to, and whose tracks may therefore be written. Durable part of the state.

Every source belongs to one consent item. Nobody is written without having granted it: not hosts, not the panel, not a
newcomer who has not answered (PIPA art. 15 and 22: each consent on its own, refusal without disadvantage).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from signaling.call.facts import ConsentAnswered, Fact
from signaling.call.seating import Seating
from signaling.call.spec import CallSpec
from signaling.media.port import SeatId, Source, TrackId, track_id
from signaling.messages.shapes import ConsentAnswer, ConsentItem, Role

SOURCES = {
    ConsentItem.SOUND: (Source.MIC, Source.SCREEN_AUDIO),
    ConsentItem.PICTURE: (Source.CAMERA, Source.SCREEN),
}


@dataclass
class Consents:
    """Answers given in the call, which override those of the spec."""

    answers: dict[tuple[SeatId, ConsentItem], ConsentAnswer] = field(default_factory=dict)

    def apply(self, fact: Fact) -> None:
        """Take in an answer."""
        if isinstance(fact, ConsentAnswered):
            self.answers[fact.seat, fact.item] = fact.answer

    def answer(self, spec: CallSpec, seat: SeatId, item: ConsentItem) -> ConsentAnswer:
        """Where this item of this person stands."""
        place = spec.seat(seat)
        first = place.consent.get(item, ConsentAnswer.UNANSWERED) if place else ConsentAnswer.UNANSWERED
        return self.answers.get((seat, item), first)

    def granted(self, spec: CallSpec, seat: SeatId, item: ConsentItem) -> bool:
        """Whether this person agrees to it now."""
        return self.answer(spec, seat, item) == ConsentAnswer.GRANTED


def recordable(spec: CallSpec, seating: Seating, consents: Consents) -> frozenset[TrackId]:
    """Exactly the tracks that may be written now: of people in the room, of sources whose item they granted."""
    return frozenset(
        track_id(place.seat, source)
        for place in spec.seats
        if place.role != Role.OBSERVER and seating.in_room(place.seat)
        for item, sources in SOURCES.items()
        if consents.granted(spec, place.seat, item)
        for source in sources
    )


def new_answer(before: ConsentAnswer, given: str) -> ConsentAnswer:
    """Where an item stands after `granted`, `refused` or `later`: taking back what was granted is a withdrawal."""
    if given == "granted":
        return ConsentAnswer.GRANTED
    if before in (ConsentAnswer.GRANTED, ConsentAnswer.WITHDRAWN):
        return ConsentAnswer.WITHDRAWN
    return ConsentAnswer.REFUSED if given == "refused" else ConsentAnswer.UNANSWERED


def answered_on_the_page(old: CallSpec, new: CallSpec, now: datetime) -> Iterator[Fact]:
    """Answers that changed between two specs were given outside the call, and count from now on."""
    for place in new.seats:
        before = old.seat(place.seat)
        for item, answer in place.consent.items():
            if before is not None and before.consent.get(item, ConsentAnswer.UNANSWERED) != answer:
                yield ConsentAnswered(
                    at=now,
                    seat=place.seat,
                    item=item,
                    answer=answer,
                    text_version=new.consent.text_version,
                    lang=place.lang,
                    by=place.seat,
                    where="page",
                )
