"""Down-offers: one at a time, together where they can be, never losing an m-line."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from signaling.media.port import SeatId, Source, TrackId, track_id
from signaling.media.sfu.forwarding import OutgoingStream
from signaling.media.sfu.negotiation import ANSWER_TIMEOUT_S, COALESCE_S, DownNegotiation, Offer
from signaling.media.sfu.sdp_gate import MAX_DOWN_SECTIONS


def wanted(*names: str) -> list[tuple[TrackId, Source]]:
    """`a.mic` and the like, as the engine asks for them."""
    return [(TrackId(name), Source(name.partition(".")[2])) for name in names]


def a_negotiation() -> DownNegotiation:
    numbers = iter(range(1, 10_000))
    return DownNegotiation(0, lambda source: OutgoingStream(next(numbers), 0, 0, 0, 0))


def tracks(offer: Offer | None) -> list[str | None]:
    assert offer is not None
    return [section.carried.track if section.carried else None for section in offer.sections]


def answered(negotiation: DownNegotiation, now_s: float = 0.0) -> Offer:
    offer = negotiation.next_offer(now_s)
    assert offer is not None
    assert negotiation.outstanding(offer.neg) == offer
    negotiation.answered()
    return offer


def test_the_first_offer_is_made_at_once() -> None:
    negotiation = a_negotiation()
    assert negotiation.next_offer(0.0) is None
    negotiation.want(wanted("a.mic", "a.camera"), 0.0)
    assert tracks(negotiation.next_offer(0.0)) == ["a.mic", "a.camera"]


def test_later_changes_that_come_close_together_share_an_offer() -> None:
    negotiation = a_negotiation()
    negotiation.want(wanted("a.mic"), 0.0)
    answered(negotiation)
    negotiation.want(wanted("a.mic", "b.mic"), 1.0)
    assert negotiation.next_offer(1.0 + COALESCE_S / 2) is None
    negotiation.want(wanted("a.mic", "b.mic", "c.mic"), 1.0 + COALESCE_S / 2)
    assert tracks(negotiation.next_offer(1.0 + COALESCE_S)) == ["a.mic", "b.mic", "c.mic"]


def test_only_one_offer_is_outstanding_and_the_next_comes_after_the_answer() -> None:
    negotiation = a_negotiation()
    negotiation.want(wanted("a.mic"), 0.0)
    first = negotiation.next_offer(0.0)
    assert first is not None
    negotiation.want(wanted("b.mic"), 1.0)
    assert negotiation.next_offer(5.0) is None
    negotiation.answered()
    second = negotiation.next_offer(5.0)
    assert second is not None
    assert second.neg == first.neg + 1


def test_an_answer_to_an_older_offer_belongs_to_nothing() -> None:
    negotiation = a_negotiation()
    negotiation.want(wanted("a.mic"), 0.0)
    first = answered(negotiation)
    assert negotiation.outstanding(first.neg) is None
    negotiation.want(wanted("b.mic"), 1.0)
    second = negotiation.next_offer(2.0)
    assert second is not None
    assert negotiation.outstanding(first.neg) is None
    assert negotiation.outstanding(second.neg) == second


def test_the_same_wish_is_no_reason_for_an_offer() -> None:
    negotiation = a_negotiation()
    negotiation.want(wanted("a.mic"), 0.0)
    answered(negotiation)
    negotiation.want(wanted("a.mic"), 1.0)
    assert negotiation.next_offer(9.0) is None


def test_a_restart_offers_the_same_again() -> None:
    negotiation = a_negotiation()
    negotiation.want(wanted("a.mic"), 0.0)
    first = answered(negotiation)
    negotiation.restart(1.0)
    second = negotiation.next_offer(1.0)
    assert second is not None
    assert second.sections == first.sections


def test_a_freed_m_line_stays_and_is_used_again_by_its_kind_under_new_numbers() -> None:
    negotiation = a_negotiation()
    negotiation.want(wanted("a.mic", "a.camera", "b.mic"), 0.0)
    first = answered(negotiation)
    negotiation.want(wanted("a.mic"), 1.0)
    assert tracks(answered(negotiation, 2.0)) == ["a.mic", None, None]
    negotiation.want(wanted("a.mic", "c.mic", "c.screen", "c.camera"), 3.0)
    third = answered(negotiation, 4.0)
    assert tracks(third) == ["a.mic", "c.screen", "c.mic", "c.camera"]
    assert [section.mid for section in third.sections] == ["0", "1", "2", "3"]
    assert first.sections[2].carried is not None
    assert third.sections[2].carried is not None
    assert first.sections[2].carried.stream != third.sections[2].carried.stream
    assert first.sections[0] == third.sections[0]


def test_an_answer_that_does_not_come_is_noticed_once() -> None:
    negotiation = a_negotiation()
    negotiation.want(wanted("a.mic"), 0.0)
    negotiation.next_offer(0.0)
    assert not negotiation.overdue(ANSWER_TIMEOUT_S - 0.1)
    assert negotiation.overdue(ANSWER_TIMEOUT_S)
    assert not negotiation.overdue(ANSWER_TIMEOUT_S + 1)
    negotiation.want(wanted("b.mic"), 20.0)
    assert negotiation.next_offer(30.0) is None, "this peer connection is given up"


def test_what_does_not_fit_is_left_out_and_the_more_important_comes_first() -> None:
    negotiation = a_negotiation()
    names = [f"s{number}.mic" for number in range(MAX_DOWN_SECTIONS + 5)]
    negotiation.want(wanted(*names), 0.0)
    assert tracks(negotiation.next_offer(0.0)) == names[:MAX_DOWN_SECTIONS]


class AnyOrder(RuleBasedStateMachine):
    """Wishes, answers and time in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.negotiation, self.now_s = a_negotiation(), 0.0
        self.wish: set[TrackId] = set()
        self.offers: list[Offer] = []
        self.open = False

    @rule(seats=st.sets(st.tuples(st.sampled_from("abcde"), st.sampled_from(list(Source)))))
    def want(self, seats: set[tuple[str, Source]]) -> None:
        asked = [(track_id(SeatId(seat), source), source) for seat, source in seats]
        self.wish = {track for track, _source in asked}
        self.negotiation.want(asked, self.now_s)

    @rule(later_s=st.floats(0, 1))
    def look(self, later_s: float) -> None:
        self.now_s += later_s
        offer = self.negotiation.next_offer(self.now_s)
        if offer is None:
            return
        assert not self.open
        self.open = True
        carried = [section.carried for section in offer.sections if section.carried]
        assert {each.track for each in carried} == self.wish
        assert len({each.stream.ssrc for each in carried}) == len(carried)
        if self.offers:
            before = self.offers[-1]
            assert offer.neg > before.neg
            assert [(s.mid, s.kind) for s in offer.sections][: len(before.sections)] == [
                (s.mid, s.kind) for s in before.sections
            ]
        self.offers.append(offer)

    @rule()
    def answer(self) -> None:
        if self.open:
            assert self.negotiation.outstanding(self.offers[-1].neg)
            self.negotiation.answered()
            self.open = False

    @invariant()
    def kinds_fit(self) -> None:
        for offer in self.offers[-1:]:
            assert all(s.carried is None or s.carried.source.kind == s.kind for s in offer.sections)

    def teardown(self) -> None:
        """In the end everything wished for is offered."""
        self.answer()
        self.now_s += 1
        self.look(0.0)
        self.answer()
        last = {s.carried.track for s in self.offers[-1].sections if s.carried} if self.offers else set()
        assert last == self.wish


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
