"""The ICE servers that a seat is told: TURN, with credentials that pass away. Pure.

As coturn's `use-auth-secret` has it (draft-uberti-behave-turn-rest-00): the username is `EXPIRY:USER`, EXPIRY in Unix
seconds, and the password is the base64 of HMAC-SHA1(secret, username). USER is the same for a seat as long as the
secret is, so that a quota per user is one per seat, and tells the relay and its log nothing about the seat.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signaling.media.port import SeatId

USER_CHARS = 16  # 64 bits: seats of one installation do not collide


@dataclass(frozen=True)
class IceServers:
    """`servers` as RTCPeerConnection takes them; they are to be asked for again after `refresh_s` (None: never)."""

    servers: tuple[dict[str, Any], ...] = ()
    refresh_s: int | None = None


IceServersFor = Callable[[SeatId, datetime], IceServers]


def no_ice_servers(seat: SeatId, now: datetime) -> IceServers:
    """Where there is no relay: the node's own candidates are all there is."""
    return IceServers()


@dataclass(frozen=True)
class TurnService:
    """A relay, or several with the same secret."""

    urls: tuple[str, ...]
    secret: str = field(repr=False)
    lifetime_s: int  # of credentials; an allocation that was made with them outlives them

    def ice_servers(self, seat: SeatId, now: datetime) -> IceServers:
        """Credentials of this seat. They are to be replaced at half their life, so that a restart has good ones."""
        username = f"{int(now.timestamp()) + self.lifetime_s}:{self._user(seat)}"
        server = {"urls": list(self.urls), "username": username, "credential": self._password(username)}
        return IceServers((server,), self.lifetime_s // 2)

    def _user(self, seat: SeatId) -> str:
        return hmac.new(self.secret.encode(), f"seat {seat}".encode(), hashlib.sha256).hexdigest()[:USER_CHARS]

    def _password(self, username: str) -> str:
        return b64encode(hmac.new(self.secret.encode(), username.encode(), hashlib.sha1).digest()).decode()
