"""Brings the facts of a node's journals to a web: in order, to one web at a time, again until acknowledged."""

from collections.abc import Callable
from dataclasses import dataclass

from signaling.frames import Facts, FactsAck
from signaling.journal import Journal
from signaling.link import Peer

BATCH = 100
AGAIN_AFTER_S = 2.0

Key = tuple[str, int]  # call, epoch


@dataclass(frozen=True)
class _InFlight:
    peer: Peer
    last: tuple[int, int]  # run, seq
    sent_at_s: float


class Shipper:
    """One batch of each journal is on its way at a time."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._webs: list[Peer] = []
        self._journals: dict[Key, Journal] = {}
        self._in_flight: dict[Key, _InFlight] = {}

    def add(self, journal: Journal) -> None:
        """Ship this journal from now on."""
        self._journals[journal.call, journal.epoch] = journal

    def drop(self, journal: Journal) -> None:
        """It is done with."""
        self._journals.pop((journal.call, journal.epoch), None)
        self._in_flight.pop((journal.call, journal.epoch), None)

    def web_joined(self, peer: Peer) -> None:
        """A web that facts may go to."""
        self._webs.append(peer)
        self.ship_all()

    def web_left(self, peer: Peer) -> None:
        """What it has not acknowledged goes to another."""
        self._webs.remove(peer)
        self._in_flight = {key: flight for key, flight in self._in_flight.items() if flight.peer is not peer}
        self.ship_all()

    def acked(self, ack: FactsAck) -> None:
        """Web has facts; the next may follow."""
        key = (ack.call, ack.epoch)
        journal, flight = self._journals.get(key), self._in_flight.get(key)
        if journal is None:
            return
        journal.ack(ack.run, ack.seq)
        if flight is not None and journal.acked >= flight.last:
            del self._in_flight[key]
            self._ship(journal)

    def ship_all(self) -> None:
        """Send whatever is due; also what was sent long ago without an answer."""
        for journal in self._journals.values():
            self._ship(journal)

    def ship(self, call: str) -> None:
        """There are new facts of this call."""
        for (of_call, _), journal in self._journals.items():
            if of_call == call:
                self._ship(journal)

    def _ship(self, journal: Journal) -> None:
        key, now_s = (journal.call, journal.epoch), self._clock_s()
        flight = self._in_flight.get(key)
        if journal.all_acked or not self._webs or (flight and now_s - flight.sent_at_s < AGAIN_AFTER_S):
            return
        batch = journal.unacked(BATCH)
        if batch:
            web = self._webs[0]
            self._in_flight[key] = _InFlight(web, (batch[-1]["run"], batch[-1]["seq"]), now_s)
            web.send(Facts(call=journal.call, epoch=journal.epoch, facts=batch))
