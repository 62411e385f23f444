"""What a browser presents to join a call: a ticket, or a token to resume. Whether it is good is told elsewhere."""

from dataclasses import dataclass, field

from signaling.errors import Code, ProtocolError, Refused

MAX_SECRET_CHARS = 512


@dataclass(frozen=True, slots=True)
class Ticket:
    """Good once, for web to redeem."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ResumeToken:
    """Good as long as the node that issued it says so."""

    node: str
    call: str
    seat: str
    secret: str = field(repr=False)


def read_presented(auth: object) -> Ticket | ResumeToken:
    """Raises `ProtocolError` (`auth_required`) if it is neither, `Refused` (`resume_invalid`) for a broken token."""
    match auth:
        case {"ticket": str(ticket), **rest} if not rest and len(ticket) <= MAX_SECRET_CHARS:
            return Ticket(ticket)
        case {"resume": str(token), **rest} if not rest and len(token) <= MAX_SECRET_CHARS:
            parts = token.split(".")
            if len(parts) != 4:
                raise Refused(Code.RESUME_INVALID)
            return ResumeToken(*parts)
    raise ProtocolError(Code.AUTH_REQUIRED)
