"""A call moves to another node by plan: whole, as the facts it is made of, through a web that both are linked to.

    next node ─ call.hand_over ─▶ web ─▶ node that has it ─ call.history … ─▶ web ─▶ next node

The next node asks because only it knows that it can take the call. The node that has it stops deciding in the moment
in which it writes the history down, so no fact is ever missing in it; its media flow on for `LINGERS_S` while people
connect to the next.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from signaling.call.facts import CallEnded, Fact, from_json, to_json
from signaling.call.spec import CallSpec
from signaling.frames import AnyFrame, CallHandOver, CallHistory
from signaling.journal import read
from signaling.media.port import CallId

LINGERS_S = 5.0  # longer than clients keep their old connections
ASKED_EVERY_S = 1.0
HISTORY_WITHIN_S = 8.0  # after that the node that had it is taken for lost, and the call begins anew
MAX_FACTS_BYTES = 256 * 1024  # in one frame
REMEMBERED = 1_000

Send = Callable[[AnyFrame], None]

logger = logging.getLogger(__name__)


@dataclass
class _Arrival:
    spec: CallSpec
    since_s: float
    facts: list[Fact] = field(default_factory=list)
    asked_s: float | None = None


class Arrivals:
    """Calls that this node will take over. `begin` carries one, with what happened in it before."""

    def __init__(self, node: str, begin: Callable[[CallSpec, Sequence[Fact]], None]) -> None:
        self._node = node
        self._begin = begin
        self._expected: dict[CallId, _Arrival] = {}

    def __contains__(self, call: CallId) -> bool:
        return call in self._expected

    def __len__(self) -> int:
        return len(self._expected)

    def expect(self, spec: CallSpec, now_s: float) -> None:
        """Ask for this call, or know better what was asked for already."""
        known = self._expected.get(spec.call)
        if known is not None and known.spec.epoch == spec.epoch:
            known.spec = spec
        else:
            self._expected[spec.call] = _Arrival(spec, now_s)

    def look(self, now_s: float, send: Send | None) -> None:
        """Ask for what is due, through a web if there is one, and begin anew what nobody hands over."""
        for call, arrival in list(self._expected.items()):
            if now_s - arrival.since_s >= HISTORY_WITHIN_S:
                logger.error("a call was not handed over: it begins anew", extra={"call": call})
                del self._expected[call]
                self._begin(arrival.spec, ())
            elif send is not None and (arrival.asked_s is None or now_s - arrival.asked_s >= ASKED_EVERY_S):
                arrival.asked_s = now_s
                holder = arrival.spec.moved_from or ""
                send(CallHandOver(call=call, epoch=arrival.spec.epoch, holder=holder, to=self._node))

    def hear(self, frame: CallHistory) -> None:
        """One frame of a history. Asked for twice it comes twice: each time from its beginning."""
        arrival = self._expected.get(CallId(frame.call))
        if arrival is None or arrival.spec.epoch != frame.epoch:
            return
        if frame.number == 0:
            arrival.facts = []
        arrival.facts += [from_json(fact) for fact in frame.facts]
        if not frame.more:
            del self._expected[arrival.spec.call]
            self._begin(arrival.spec, arrival.facts)


class Departures:
    """Calls that left this node: where to, and their histories on the way."""

    def __init__(self) -> None:
        self._to: dict[CallId, str] = {}
        self._telling: dict[CallId, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._telling)

    def is_telling(self, call: CallId) -> bool:
        """Whether its journal is still needed."""
        return call in self._telling

    def where(self, call: CallId) -> str | None:
        """The node that a call was handed over to, if it was."""
        return self._to.get(call)

    def left(self, call: CallId, to: str) -> None:
        """This call is decided elsewhere from now on."""
        self._to[call] = to
        if len(self._to) > REMEMBERED:
            del self._to[next(iter(self._to))]

    def is_back(self, call: CallId) -> None:
        """It is carried here again."""
        self._to.pop(call, None)

    def tell(self, send: Send, asked: CallHandOver, journal: Path | None) -> None:
        """Send the history. Without a journal it is empty, and the next node begins anew."""
        call = CallId(asked.call)
        if call not in self._telling:
            self._telling[call] = asyncio.create_task(self._tell(send, asked, journal), name="tell history")

    async def _tell(self, send: Send, asked: CallHandOver, journal: Path | None) -> None:
        call = CallId(asked.call)
        try:
            facts = (await asyncio.to_thread(read, journal)).facts if journal is not None else []
            for frame in history(asked, facts):
                send(frame)
        except OSError:
            logger.exception("a call could not be handed over", extra={"call": call})
        finally:
            del self._telling[call]

    async def close(self) -> None:
        """Finish what is on its way."""
        if self._telling:
            await asyncio.wait(list(self._telling.values()))


def history(asked: CallHandOver, facts: Sequence[Fact]) -> Iterator[CallHistory]:
    """The frames that tell these facts. The end of the call on this node is none of its history."""
    told = [to_json(fact) for fact in takewhile(lambda fact: not (isinstance(fact, CallEnded) and fact.goes_on), facts)]
    batches = list(_batches(told)) or [[]]
    for number, batch in enumerate(batches):
        yield CallHistory(
            call=asked.call,
            epoch=asked.epoch,
            to=asked.to,
            number=number,
            facts=batch,
            more=number + 1 < len(batches),
        )


def _batches(facts: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for fact in facts:
        length = len(json.dumps(fact, ensure_ascii=False).encode())
        if batch and size + length > MAX_FACTS_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(fact)
        size += length
    if batch:
        yield batch
