"""The call: one pure, synchronous state machine. Inputs in; facts (what happened) and effects (what to do) out.

A decision is judged completely before anything changes, so refusing changes nothing. What must always hold is not
left to the decisions but derived from the state after each of them: who hosts, who has media, which tracks are
written, who must go, and what each connection has not yet seen.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from signaling.call import entering, hosting, recorded
from signaling.call.connections import Connection, Connections
from signaling.call.deciding import decide
from signaling.call.decision import Decision
from signaling.call.effects import (
    AdmitMedia,
    CloseCall,
    Effect,
    Interpreters,
    Kick,
    OpenRecorder,
    ReleaseMedia,
    WriteOnly,
)
from signaling.call.facts import (
    CallEnded,
    ChatMarked,
    ChatSaid,
    Denied,
    Fact,
    Hosting,
    PresenceChanged,
    Removed,
    Warned,
)
from signaling.call.inputs import EngineSays, Input, Request, Tick
from signaling.call.owed import Owed
from signaling.call.seating import CLOSED, acting_hosts
from signaling.call.sections import Sections, sections
from signaling.call.spec import CallSpec
from signaling.call.state import CallState
from signaling.call.views import ice_servers, said_to, updates, visible, whole
from signaling.errors import Code
from signaling.media.ice_servers import IceServersFor, no_ice_servers
from signaling.media.port import SeatId, TrackId
from signaling.messages import pushes
from signaling.messages.requests import IceServersAnswer, MediaStats
from signaling.messages.shapes import Message, Presence

_GONE = {Presence.LEFT: Code.LEFT, Presence.REMOVED: Code.REMOVED, Presence.DENIED: Code.DENIED}


@dataclass(frozen=True)
class Outcome:
    """What an input led to. `answer` acknowledges a request; None when an effect will."""

    facts: list[Fact]
    effects: list[Effect]
    answer: Mapping[str, Any] | None = None


class Call:
    """One live conversation."""

    def __init__(self, state: CallState) -> None:
        self.state = state
        self._shown: Sections | None = None
        self._interpreting: frozenset[SeatId] = frozenset()  # as the engine was told

    @classmethod
    def replay(cls, spec: CallSpec, facts: Iterable[Fact], ice_servers: IceServersFor = no_ice_servers) -> Self:
        """The call as its facts tell it; hand it `Opened` if there are none, else `Restarted`."""
        return cls(CallState.replay(spec, facts, ice_servers))

    @property
    def finished(self) -> bool:
        """Ended, and no part of its recording is outstanding."""
        recording = self.state.recording
        return self.state.seating.ended and (recording.id is None or recording.sealed)

    @property
    def reports(self) -> Mapping[SeatId, MediaStats]:
        """What the client of each connected seat said last of its line."""
        connections = self.state.connections
        said = ((seat, connections.publishes(seat).line.reported) for seat in connections.holders)
        return {seat: report for seat, report in said if report is not None}

    def handle(self, happened: Input, now: datetime) -> Outcome:
        """Decide. Raises `Refused` or `ProtocolError`, and then nothing has changed."""
        with_media, recording = self.state.with_media(), self._recording()
        decision = decide(self.state, happened, now)
        decision.change()
        for fact in decision.facts:
            self.state.apply(fact)
        decided = [*decision.facts, *self._closing(now)]
        farewells = list(self._farewells(decided))
        facts = [*decided, *self._consequences(now)]
        stage_changed = self._fill_stage(now)
        media = list(self._media_effects(with_media))
        quiet = isinstance(happened, Tick) and not facts and not media and not stage_changed
        effects = [
            *self._recorder_effects(*recording),
            *decision.effects,
            *media,
            *self._interpreter_effects(),
            *farewells,
            *self._warnings(facts),
            *(() if quiet else self._updates(facts, now)),
            *([CloseCall()] if any(isinstance(fact, CallEnded) for fact in facts) else []),
        ]
        return Outcome(facts, effects, self._answer(happened, effects, now))

    def _fill_stage(self, now: datetime) -> bool:
        before = self.state.stage.narrow, self.state.stage.wide
        self.state.fill_stage(now)
        return before != (self.state.stage.narrow, self.state.stage.wide)

    def _closing(self, now: datetime) -> list[Fact]:
        facts = hosting.closing(self.state, now)
        for fact in facts:
            self.state.apply(fact)
        return facts

    def _consequences(self, now: datetime) -> list[Fact]:
        """What follows from the state as it is now, applied."""
        promoted = entering.promoted_claims(self.state, now) if self.state.connections.claims else Decision()
        promoted.change()
        further = list(promoted.facts)
        for fact in further:
            self.state.apply(fact)
        hosts = () if self.state.seating.ended else acting_hosts(self.state.spec, self.state.seating, now)
        if hosts != self.state.seating.hosts:
            further.append(Hosting(at=now, seats=list(hosts)))
            self.state.apply(further[-1])
        for fact in recorded.changed(self.state, now):
            further.append(fact)
            self.state.apply(fact)
        return further

    def _recording(self) -> tuple[bool, frozenset[TrackId]]:
        return self.state.recording.running, self.state.recording.tracks

    def _recorder_effects(self, was_running: bool, were_written: frozenset[TrackId]) -> Iterator[Effect]:
        recording = self.state.recording
        if recording.running and not was_running and recording.id:
            yield OpenRecorder(recording.id)
        if (recording.running, recording.tracks) != (was_running, were_written):
            yield WriteOnly(recording.tracks)

    def _media_effects(self, had: frozenset[SeatId]) -> Iterator[Effect]:
        have = self.state.with_media()
        for seat in sorted(had - have):
            self.state.connections.publishes(seat).owed = Owed()
            yield ReleaseMedia(seat)
        yield from (AdmitMedia(seat) for seat in sorted(have - had))

    def _interpreter_effects(self) -> Iterator[Effect]:
        """The engine of a restarted node has never heard of them."""
        interpreting = self.state.interpreting()
        if interpreting != self._interpreting:
            self._interpreting = interpreting
            yield Interpreters(interpreting)

    def _farewells(self, facts: list[Fact]) -> Iterator[Effect]:
        """Whoever may not be here any more is told why, and forgotten."""
        reasons = {fact.seat: fact.reason for fact in facts if isinstance(fact, Denied | Removed)}
        sent_away = {fact.seat for fact in facts if isinstance(fact, PresenceChanged) and fact.cause == CLOSED}
        connections: Connections = self.state.connections
        for connection in list(connections.open.values()):
            code = Code.CALL_ENDED if connection.seat in sent_away else self._reason_to_go(connection)
            if code is not None:
                yield Kick(connection.id, pushes.Bye(code=code, resume=False, reason=reasons.get(connection.seat)))
                connections.drop(connection)

    def _reason_to_go(self, connection: Connection) -> Code | None:
        if self.state.seating.ended:
            return Code.CALL_ENDED
        if self.state.place(connection.seat).revoked:
            return Code.SEAT_REVOKED
        presence = self.state.seating[connection.seat].presence
        if connection.claiming and presence == Presence.LEFT:
            return None  # the seat is free now: it waits in the lobby
        return _GONE.get(presence)

    def _warnings(self, facts: list[Fact]) -> Iterator[Effect]:
        for fact in facts:
            if isinstance(fact, Warned):
                data = pushes.RoomWarn(minutes=fact.minutes, next_starts_at=self.state.spec.next_starts_at)
                yield from said_to(self.state, EngineSays(None, "room.warn", data))

    def _updates(self, facts: list[Fact], now: datetime) -> Iterator[Effect]:
        """What each connection has not seen. Without facts, newcomers and changed sections: nothing."""
        before, everything = self._shown, sections(self.state).or_same(self._shown)
        connections = self.state.connections.open.values()
        if not facts and everything is before and all(connection.seen is not None for connection in connections):
            return
        self._shown = everything
        said = [self.state.talk.lines[fact.id] for fact in facts if isinstance(fact, ChatSaid | ChatMarked)]
        for connection in connections:
            yield from updates(self.state, everything, connection, said, now)

    def _answer(self, happened: Input, effects: list[Effect], now: datetime) -> Mapping[str, Any] | None:
        if not isinstance(happened, Request):
            return {}
        if happened.event == "state.get":
            return self._whole(happened.conn, now).model_dump(mode="json")
        if happened.event == "ice.servers":
            seat = self.state.connections.open[happened.conn].seat
            return IceServersAnswer(**ice_servers(self.state, seat, now)).model_dump(mode="json")
        return None if any(getattr(effect, "id", None) == happened.id for effect in effects) else {}

    def _whole(self, conn: str, now: datetime) -> Message:
        connection = self.state.connections.open[conn]
        return whole(self.state, visible(self.state, sections(self.state), connection), connection, now)
