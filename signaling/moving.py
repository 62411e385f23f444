"""A call moves to another node by plan: whole, as the facts it is made of, through a web that both are linked to.

    next node ─ call.hand_over ─▶ web ─▶ node that has it ─ call.history … ─▶ web ─▶ next node

The next node asks because only it knows that it can take the call. The node that has it stops deciding in the moment
in which it writes the history down, so no fact is ever missing in it; its media flow on for `LINGERS_S` while people
connect to the next.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from signaling.call.facts import CallEnded, Fact, from_json, to_json
from signaling.call.spec import CallSpec
from signaling.frames import CallHandOver, CallHistory

LINGERS_S = 4.0
ASKED_EVERY_S = 1.0
HISTORY_WITHIN_S = 8.0  # after that the node that had it is taken for lost, and the call begins anew
MAX_FACTS_BYTES = 256 * 1024  # in one frame


@dataclass
class Arrival:
    """A call that this node will take over, and what it has heard of it so far."""

    spec: CallSpec
    since_s: float
    facts: list[Fact] = field(default_factory=list)
    asked_s: float | None = None

    def question(self, node: str, now_s: float) -> CallHandOver | None:
        """What to ask now, if anything. Asking again makes the whole history come again."""
        if self.asked_s is not None and now_s - self.asked_s < ASKED_EVERY_S:
            return None
        self.asked_s, self.facts = now_s, []
        return CallHandOver(call=self.spec.call, epoch=self.spec.epoch, holder=self.spec.moved_from or "", to=node)

    def is_late(self, now_s: float) -> bool:
        """Whether nobody will answer any more."""
        return now_s - self.since_s >= HISTORY_WITHIN_S

    def hear(self, frame: CallHistory) -> bool:
        """Take in one frame, in order; whether it was the last."""
        if frame.number == 0:
            self.facts = []
        self.facts += [from_json(fact) for fact in frame.facts]
        return not frame.more


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
