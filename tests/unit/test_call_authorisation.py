"""Who may send which event, and when: made from the protocol's table, and held against the call itself."""

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from signaling.errors import Code, Refused
from signaling.messages.shapes import Presence, Role
from signaling.messages.table import REQUESTS, STAFF
from tests.calls import Drive, seat, spec

KNOWN, NEW = "a" * 32, "b" * 32
CAN_BE_ASKED: dict[str, dict[str, Any]] = {
    "up.offer": {"neg": 2, "sdp": "v=0", "tracks": [{"mid": "0", "source": "mic"}]},
    "up.state": {"mid": "0", "muted": True},
    "down.want": {"rev": 1, "tracks": [{"track": "g2.mic", "max_height": 0, "visible": True}]},
    "down.answer": {"neg": 1, "sdp": "v=0"},
    "down.restart": {"reason": "no packets"},
    "media.reset": {"pc": "down"},
    "ice.servers": {},
    "media.stats": {"rtt_ms": 20},
    "state.get": {},
    "lobby.admit": {"seat": "waits"},
    "lobby.admit_all": {},
    "lobby.deny": {"seat": "waits"},
    "seat.remove": {"seat": "g2"},
    "seat.interpret": {"seat": "g2", "interprets": True},
    "seat.takeover": {"seat": "g2", "agree": False},
    "room.lock": {"locked": True},
    "room.leave": {},
    "room.end": {},
    "chat.send": {"id": NEW, "to": "all", "text": "안녕하세요"},
    "chat.mark": {"id": KNOWN, "marked": True},
    "hand.raise": {},
    "hand.lower": {},
    "agenda.mark": {"item": "q1", "state": "asked"},
    "clock.run": {"running": True},
    "bookmark": {"id": NEW},
    "next_step.add": {"id": NEW, "text": "이력서 고치기"},
    "next_step.remove": {"id": KNOWN},
    "document.show": {"document": "d1"},
    "recording.request": {"action": "start"},
    "consent.answer": {"item": "sound", "answer": "granted", "text_version": "v1", "lang": "ko"},
    "rules.accept": {},
}


@dataclass(frozen=True)
class Asker:
    """Somebody in the room."""

    role: Role
    hosts: bool

    def __str__(self) -> str:
        return f"{self.role}{' who hosts' if self.hosts else ''}"

    def may(self, event: str) -> bool:
        """By the table."""
        return self.role in REQUESTS[event].roles and (self.hosts or not REQUESTS[event].hosting)


ASKERS = [
    Asker(Role.HOST, True),
    Asker(Role.CO_HOST, True),
    Asker(Role.PANEL, True),  # no host is there
    Asker(Role.PANEL, False),
    Asker(Role.GUEST, False),
    Asker(Role.OBSERVER, False),
]
in_every_role = pytest.mark.parametrize("asker", ASKERS, ids=str)
of_every_event = pytest.mark.parametrize("event", REQUESTS)


def underway(asker: Asker) -> Drive:
    """Connection `a` is the asker's. A host, a guest and somebody in the lobby are there; guests' seats are claimed."""
    seats = [seat("lead", "host"), seat("g2", "guest"), seat("waits", "guest"), seat("asker", asker.role.value)]
    drive = Drive(spec("interview", seats=seats))
    for conn, name in (("l", "lead"), ("a", "asker"), ("g", "g2")):
        drive.come(conn, name)
    drive.ask("l", "lobby.admit_all")
    for conn, name in (("w", "waits"), ("claims", "g2"), *(() if asker.role in STAFF else [("mine", "asker")])):
        drive.come(conn, name)
    drive.ask("l", "chat.send", id=KNOWN, to="all", text="말")
    drive.ask("l", "next_step.add", id=KNOWN, text="할 일")
    if asker.may("up.offer"):
        drive.ask("a", "up.offer", **CAN_BE_ASKED["up.offer"] | {"neg": 1})
    if asker.role is Role.PANEL and asker.hosts:
        drive.ask("l", "room.leave")
    assert drive.presence("asker") == Presence.CONNECTED
    assert ("asker" in drive.hosts) == asker.hosts
    return drive


def asked(event: str, role: Role) -> dict[str, Any]:
    """Something that makes sense from this role: of a claim, its seat's holder is asked, or a host."""
    own = {"seat": "asker"} if event == "seat.takeover" and role not in STAFF else {}
    return CAN_BE_ASKED[event] | own


def is_refused(drive: Drive, conn: str, event: str, code: Code) -> None:
    """With this code, and nothing has changed."""
    before, facts, pushed = copy.deepcopy(drive.call.state), len(drive.facts), copy.deepcopy(drive.pushed)
    with pytest.raises(Refused) as refusal:
        drive.ask(conn, event, **CAN_BE_ASKED[event])
    assert refusal.value.code == code
    assert (drive.call.state, len(drive.facts), drive.pushed) == (before, facts, pushed)


def test_every_event_of_the_table_is_tried() -> None:
    assert CAN_BE_ASKED.keys() == REQUESTS.keys()


@in_every_role
@of_every_event
def test_in_the_room_the_table_decides_who_may_send_it(event: str, asker: Asker) -> None:
    drive = underway(asker)
    if asker.may(event) and (event, asker) != ("seat.takeover", Asker(Role.PANEL, False)):  # neither holder nor host
        drive.ask("a", event, **asked(event, asker.role))
    else:
        is_refused(drive, "a", event, Code.NOT_ALLOWED)


@of_every_event
@pytest.mark.parametrize("role", [Role.GUEST, Role.OBSERVER])
def test_in_the_lobby_only_what_the_table_opens_there_may_be_sent(event: str, role: Role) -> None:
    drive = Drive(spec("interview", seats=[seat("lead", "host"), seat("asker", role.value), seat("g2", "guest")]))
    drive.come("l", "lead")
    drive.come("a", "asker")
    drive.come("mine", "asker")
    assert drive.presence("asker") == Presence.WAITING
    rule = REQUESTS[event]
    if Presence.WAITING not in rule.presence:
        is_refused(drive, "a", event, Code.WRONG_STATE)
    elif role not in rule.roles:
        is_refused(drive, "a", event, Code.NOT_ALLOWED)
    else:
        drive.ask("a", event, **asked(event, role))


@of_every_event
def test_who_claims_a_seat_in_use_reads_and_changes_nothing(event: str) -> None:
    drive = underway(Asker(Role.GUEST, False))
    if event in ("state.get", "media.stats"):
        drive.ask("claims", event, **CAN_BE_ASKED[event])
    else:
        waits = Presence.WAITING in REQUESTS[event].presence
        is_refused(drive, "claims", event, Code.NOT_ALLOWED if waits else Code.WRONG_STATE)


@of_every_event
def test_a_connection_that_is_gone_and_a_call_that_is_over_take_nothing(event: str) -> None:
    drive = underway(Asker(Role.HOST, True))
    drive.lose("a")
    is_refused(drive, "a", event, Code.WRONG_STATE)
    drive.ask("l", "room.end")
    is_refused(drive, "l", event, Code.CALL_ENDED)


@of_every_event
def test_a_role_of_the_staff_opens_nothing_to_a_seat_that_is_not_staffs(event: str) -> None:
    outsider = seat("asker", "panel", staff=False)
    drive = Drive(spec("interview", seats=[seat("lead", "host"), seat("g2", "guest"), outsider]))
    drive.come("l", "lead")
    drive.come("a", "asker")
    drive.ask("l", "lobby.admit", seat="asker")
    if REQUESTS[event].roles <= STAFF:
        is_refused(drive, "a", event, Code.NOT_ALLOWED)
