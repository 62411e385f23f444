"""Calls to test with: a spec in few words, and a driver that plays connections and keeps what each was sent."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signaling.call.call import Call, Outcome
from signaling.call.effects import AdmitMedia as Admit
from signaling.call.effects import Interpreters, Kick, OpenRecorder, PlaySampleGuests, Push, ReleaseMedia, WriteOnly
from signaling.call.facts import Fact
from signaling.call.inputs import Connect, ConnectionLost, Input, Opened, Request, Restarted, Tick
from signaling.call.spec import CallSpec
from signaling.errors import Code, Refused
from signaling.media.ice_servers import IceServersFor, no_ice_servers
from signaling.media.port import SeatId
from signaling.messages.table import PUSHES, parse_request

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CONSENT_ITEMS = [{"item": "sound"}, {"item": "picture"}]


def seat(name: str, role: str, **more: Any) -> dict[str, Any]:
    """A seat's part of the spec; its id is its name."""
    staff = role in ("host", "co_host", "panel")
    return {"seat": name, "person": f"person-{name}", "name": name, "role": role, "staff": staff, **more}


def spec(kind: str = "counselling", seats: Iterable[dict[str, Any]] = (), **more: Any) -> CallSpec:
    """A call at noon for 50 minutes, recordable as `r1`."""
    usual = {
        "counselling": [seat("kim", "host"), seat("song", "guest")],
        "interview": [seat("lee", "host"), seat("choi", "panel"), seat("jung", "guest")],
        "small_group": [seat("kim", "host"), seat("park", "co_host"), *(seat(f"g{n}", "guest") for n in range(6))],
    }
    values = {
        "call": "c1",
        "epoch": 1,
        "appointment": "a1",
        "kind": kind,
        "title": "견본",
        "starts_at": NOON,
        "ends_at": NOON + timedelta(minutes=50),
        "recording": {"allowed": True, "id": "r1"},
        "seats": list(seats) or usual[kind],
        "consent": {"text_version": "v1", "items": CONSENT_ITEMS},
        "agenda": [{"id": "q1", "text": "첫 질문", "minutes": 5}, {"id": "q2", "text": "둘째 질문"}],
        "documents": [{"id": "d1", "title": "이력서.pdf", "pages": 3}],
    }
    return CallSpec.model_validate(values | more)


class Drive:
    """A call with connections named by the test, a clock that it moves, and what came of it."""

    def __init__(self, call_spec: CallSpec, now: datetime = NOON, ice_servers: IceServersFor = no_ice_servers) -> None:
        self.now = now
        self.spec = call_spec
        self.ice_servers = ice_servers
        self.call = Call.replay(call_spec, [], ice_servers)
        self.facts: list[Fact] = []
        self.pushed: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.kicked: dict[str, str] = {}
        self.tokens: dict[str, list[str]] = {}
        self.media: set[str] = set()
        self.played: set[str] = set()  # by sample guests
        self.written: frozenset[str] = frozenset()
        self.recorders: set[str] = set()
        self.interpreters: frozenset[str] = frozenset()  # as the engine was told
        self.requests = 0
        self.happens(Opened())

    def happens(self, happened: Input) -> Outcome:
        """Hand the call an input and perform what can be performed without media."""
        outcome = self.call.handle(happened, self.now)
        self.facts.extend(outcome.facts)
        for effect in outcome.effects:
            match effect:
                case Push():
                    PUSHES[effect.event].model.model_validate_json(effect.data.model_dump_json())
                    self.pushed.setdefault(effect.conn, []).append((effect.event, effect.data.model_dump(mode="json")))
                case Kick():
                    self.kicked[effect.conn] = effect.bye.code
                case Admit():
                    self.media.add(effect.seat)
                case ReleaseMedia():
                    self.media.discard(effect.seat)
                    self.played.discard(effect.seat)
                case PlaySampleGuests():
                    self.played.update(effect.seats)
                case WriteOnly():
                    self.written = effect.tracks
                case OpenRecorder():
                    self.recorders.add(effect.recording)
                case Interpreters():
                    self.interpreters = effect.seats
        return outcome

    def come(self, conn: str, name: str) -> Outcome:
        """A connection with a fresh ticket."""
        outcome = self.happens(Connect(conn, SeatId(name), None, f"token-{conn}"))
        self.tokens.setdefault(name, []).append(f"token-{conn}")
        return outcome

    def resume(self, conn: str, name: str, token: str) -> Outcome:
        """A connection with a resume token (here a token is its own hash)."""
        outcome = self.happens(Connect(conn, SeatId(name), token, f"token-{conn}"))
        self.tokens.setdefault(name, []).append(f"token-{conn}")
        return outcome

    def lose(self, conn: str) -> Outcome:
        """The connection is gone."""
        return self.happens(ConnectionLost(conn))

    def ask(self, conn: str, event: str, **data: Any) -> Mapping[str, Any] | None:
        """A request; its answer, or None if the engine will answer."""
        self.requests += 1
        return self.happens(Request(conn, self.requests, event, parse_request(event, data))).answer

    def wait(self, seconds: float) -> None:
        """Time passes, second by second."""
        for _ in range(int(seconds)):
            self.now += timedelta(seconds=1)
            self.happens(Tick())

    def restart(self) -> None:
        """The node is killed and replays its journal."""
        spec_kept = self.call.state.spec
        self.call = Call.replay(spec_kept, self.facts, self.ice_servers)
        self.media, self.played, self.written = set(), set(), frozenset()
        self.interpreters = frozenset()
        self.happens(Restarted(self.now))

    def events(self, conn: str) -> list[str]:
        """The names of what this connection was sent."""
        return [event for event, _ in self.pushed.get(conn, [])]

    def last(self, conn: str, event: str) -> dict[str, Any]:
        """The newest push of this event to this connection."""
        return next(data for name, data in reversed(self.pushed[conn]) if name == event)

    @property
    def hosts(self) -> list[str]:
        """Who hosts."""
        return list(self.call.state.seating.hosts)

    def presence(self, name: str) -> str:
        """Where this seat is."""
        return self.call.state.seating[SeatId(name)].presence.value


def refused(code: Code) -> AbstractContextManager[object]:
    """The call answers no, with this code."""
    return pytest.raises(Refused, check=lambda error: error.code == code)


def counselling_underway(**more: Any) -> Drive:
    """Counsellor kim and seeker song in the room, as connections `k` and `s`."""
    drive = Drive(spec("counselling", **more))
    drive.come("k", "kim")
    drive.come("s", "song")
    drive.ask("k", "lobby.admit", seat="song")
    return drive
