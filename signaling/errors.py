"""What can go wrong in the live part, as stable codes. No socket words here: `gateway.py` maps them to the wire.

SignalingError
├── ProtocolError   the peer broke the protocol; asking again the same way is useless
├── Refused         understood, and the answer is no; nothing was changed
└── Unavailable     not now: the same request may work a little later
"""

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Every code a client may meet. The value never changes; texts for people are the client's."""

    MALFORMED = "malformed"  # not the documented shape
    UNKNOWN_EVENT = "unknown_event"  # no such event in this version
    TOO_LARGE = "too_large"  # larger than the limit of the event
    TOO_FAST = "too_fast"  # more events per second than the limit
    VERSION_MISMATCH = "version_mismatch"  # the two ends of a link speak different versions
    BAD_SDP = "bad_sdp"  # a session description was refused
    AUTH_REQUIRED = "auth_required"  # neither a ticket nor a resume token
    TICKET_INVALID = "ticket_invalid"  # unknown, used or older than 60 s
    RESUME_INVALID = "resume_invalid"  # unknown, replaced or older than 10 min: fetch a fresh ticket
    NOT_ALLOWED = "not_allowed"  # this role may not
    WRONG_STATE = "wrong_state"  # not in this state, e.g. while waiting in the lobby
    UNKNOWN_CALL = "unknown_call"  # the node does not carry this call
    UNKNOWN_SEAT = "unknown_seat"  # no such seat in this call
    UNKNOWN_TRACK = "unknown_track"  # no such track in this call
    UNKNOWN_ITEM = "unknown_item"  # no such agenda item, document, chat line, next step or consent item
    SEAT_REVOKED = "seat_revoked"  # the seat was withdrawn
    ROOM_FULL = "room_full"  # all places are taken
    ROOM_LOCKED = "room_locked"  # the host has locked the room
    CALL_ENDED = "call_ended"  # the conversation is over
    RECORDING_NOT_PERMITTED = "recording_not_permitted"  # this appointment is not recorded
    CONSENT_TEXT_CHANGED = "consent_text_changed"  # the text was replaced since it was shown: show the new one
    TOO_MANY = "too_many"  # the call holds as many of these as it may
    MOVED = "moved"  # this seat is now used by another connection
    LEFT = "left"  # left by own choice
    DENIED = "denied"  # the host did not let this person in
    REMOVED = "removed"  # the host removed this person
    RESTARTING = "restarting"  # the connection broke on the server's side: resume at once
    NODE_UNAVAILABLE = "node_unavailable"  # the room cannot be reached just now
    NODES_FULL = "nodes_full"  # every place for conversations is taken: it opens as soon as one is free
    BUSY = "busy"  # too much at once
    INTERNAL = "internal"  # our mistake; it is in our log


class SignalingError(Exception):
    """Base of all errors of the live part. `code` is a `Code`, or one of whoever redeems tickets."""

    def __init__(self, code: str, message: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message or str(code))
        self.code = code
        self.message = message or str(code).replace("_", " ")
        self.retry_after_s = retry_after_s

    def as_json(self) -> dict[str, Any]:
        """The error as clients and links are told."""
        problem: dict[str, Any] = {"code": str(self.code), "message": self.message}
        if self.retry_after_s is not None:
            problem["retry_after_s"] = self.retry_after_s
        return problem


class ProtocolError(SignalingError):
    """The peer sent what the protocol does not allow."""


class Refused(SignalingError):
    """The request was understood and is refused; the state is unchanged."""


class Unavailable(SignalingError):
    """It cannot be done now; a later attempt may succeed."""


class MediaRefused(Refused):
    """A media engine cannot serve this: a session description it may not accept, a call or seat it does not know."""
