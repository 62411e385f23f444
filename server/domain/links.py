"""Secrets that open doors: a seeker's link, the visit it starts, the ticket to the socket. Only hashes are kept."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.appointments import Appointment
from server.domain.errors import Gone, Invalid, NotFound, NotSignedIn
from server.domain.organisations import Tenant

TICKET_LIVES = timedelta(seconds=60)
VISIT_LIVES = timedelta(hours=24)  # after the appointment: a page that was opened days before stays good
LINK_LIVES = timedelta(days=7)  # after the end: the page after the conversation stays reachable
_SECRET = re.compile(r"[A-Za-z0-9_-]{22,64}")


class LinkGarbled(Invalid):
    """This link is not complete; copy it again from the message."""

    code = "link_garbled"


class LinkUnknown(NotFound):
    """This link does not open anything."""

    code = "link_unknown"


class LinkRevoked(Gone):
    """This link was replaced by a newer one."""

    code = "link_revoked"


class LinkExpired(Gone):
    """This link has expired."""

    code = "link_expired"


class VisitOver(NotSignedIn):
    """This visit is over; open your link again."""

    code = "visit_over"


class TicketRefused(NotSignedIn):
    """This ticket was used already or has expired."""

    code = "ticket_refused"


@dataclass(frozen=True, kw_only=True)
class Link:
    """What opens the page of one seat; `secret_hash` is all that is kept of it."""

    secret_hash: str
    seat_id: str
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A page opened by a link: may read and answer for its seat."""

    secret_hash: str
    seat_id: str
    link_hash: str
    started_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A single entry to the socket, for one seat, for a minute."""

    secret_hash: str
    seat_id: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None


def hash_of(secret: str) -> str:
    """SHA-256 of a secret, hexadecimal. Enough without salt: secrets have 192 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_secret(secret: str) -> str:
    """The secret, if it has the shape of one. Raises LinkGarbled."""
    if not _SECRET.fullmatch(secret):
        raise LinkGarbled()
    return secret


def check_link(link: Link | None, appointment: Appointment | None, tenant: Tenant | None, now: datetime) -> None:
    """Raise why this link opens nothing any more."""
    if link is None or appointment is None or tenant is None:
        raise LinkUnknown()
    if link.revoked_at is not None:
        raise LinkRevoked(**contact_of(tenant))
    if now >= appointment.ends_at + LINK_LIVES:
        raise LinkExpired(**contact_of(tenant))


def contact_of(tenant: Tenant) -> dict[str, str]:
    """Whom to call about a link that was once good, as details of the refusal: only who holds it learns that."""
    return {"organisation": tenant.name, "phone": tenant.phone}


def visit_ends_at(appointment: Appointment, now: datetime) -> datetime:
    """Until when a visit that begins now counts, unless its link is replaced."""
    return max(now, appointment.ends_at) + VISIT_LIVES


def check_visit(visit: Visit | None, link: Link | None, now: datetime) -> Visit:
    """The visit, if it still counts. Raises VisitOver; a reissued link ends the visits of the old one."""
    if visit is None or link is None or link.revoked_at is not None or now >= visit.expires_at:
        raise VisitOver()
    return visit
