"""ICE-lite for one peer (RFC 8445): no socket, no clock, no task. The sockets are in `udp.py`.

We are always the lite, controlled side, so the whole of ICE is: answer binding requests.

    check     a binding request signed with *our* password. Only such a check binds an address.
    binding   path -> agent. DTLS and SRTP are accepted from bound paths and from nowhere else.
    selected  the one bound path we send to. A nominating check moves it.
    restart   new credentials. The old ones stay good until a check with the new ones nominates a path.
    consent   the peer is there as long as it sends something it has authenticated. We ask nothing.

An ice-ufrag is AGENT ID + GENERATION: the id finds the agent and never changes, so a restart registers nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

from signaling.media.sfu.ceiling import CHECK_RATE, Ceiling
from signaling.media.sfu.stun import Check, Rejected, success

ID_CHARS = 8  # 62**8 is 47 random bits; RFC 8445 5.3 asks for 24
PASSWORD_CHARS = 32
MAX_PATHS = 8  # bound addresses kept per peer
MAX_TRANSACTIONS = 4096  # remembered against replay: hours of checks
MAX_CREDENTIALS = 3  # the ones in use and the last two offered
STALE_AFTER_S = 5.0  # unheard for so long, a peer's selected address may be taken over by another
SILENT_AFTER_S = 3.0  # no check on the selected path for so long: a check that does not nominate may move it


class Path(NamedTuple):
    """Where a peer is, seen from here: which of our sockets, and its source address."""

    socket: int  # file descriptor
    address: tuple[str, int] | tuple[str, int, int, int]


class Credentials(NamedTuple):
    """What one generation of ICE is authenticated with."""

    ufrag: str
    password: str


class IceAgent:
    """One peer's side of ICE. `bindings` is the port's table, shared by all agents of the port.

    `random_chars(n)` gives n ice-chars; `deliver` is called with each DTLS, SRTP or SRTCP datagram of this peer.
    """

    def __init__(
        self,
        bindings: "dict[Path, IceAgent]",
        random_chars: Callable[[int], str],
        deliver: Callable[[memoryview], None],
    ) -> None:
        self.id = random_chars(ID_CHARS)
        self.deliver = deliver
        self.selected: Path | None = None
        self.last_heard_s = float("-inf")  # when the peer last sent something that it had authenticated
        self._random_chars = random_chars
        self._credentials: list[Credentials] = []
        self._bindings = bindings
        self._checked_s: dict[Path, float] = {}  # bound path -> time of its last check
        self._transactions: dict[bytes, None] = {}
        self._fresh = Ceiling(CHECK_RATE)
        self._repeated = Ceiling(CHECK_RATE)  # anybody can record checks and repeat them: they are counted apart
        self._generation = 0
        self.restart()

    @property
    def local(self) -> Credentials:
        """What the next SDP must say."""
        return self._credentials[-1]

    def restart(self) -> None:
        """Make new credentials (RFC 8445 9)."""
        self._generation += 1
        ufrag = f"{self.id}{self._generation:04d}"
        self._credentials.append(Credentials(ufrag, self._random_chars(PASSWORD_CHARS)))
        if len(self._credentials) > MAX_CREDENTIALS:
            del self._credentials[1]

    def on_check(self, check: Check, path: Path, now_s: float) -> bytes:
        """Answer one check; it may bind its path and select it. Raises `Rejected`."""
        credentials = self._authenticate(check)
        is_repeated = check.transaction in self._transactions
        if is_repeated and path not in self._checked_s:
            raise Rejected("stun_replay")  # a recorded check from elsewhere is a hijack
        if not (self._repeated if is_repeated else self._fresh).allows(0, now_s):
            raise Rejected("stun_over_ceiling")
        if not is_repeated:  # a retransmission is answered and changes nothing
            self._take(check, credentials, path, now_s)
        return success(check, path.address[0], path.address[1], credentials.password)

    def close(self) -> None:
        """Let go of every address at once: the next peer may come from the same one."""
        for path in self._checked_s:
            del self._bindings[path]
        self._checked_s.clear()
        self.selected = None

    def _take(self, check: Check, credentials: Credentials, path: Path, now_s: float) -> None:
        self._bind(path, now_s)
        self._remember(check.transaction)
        if check.nominates:
            self.selected = path
            del self._credentials[: self._credentials.index(credentials)]
        elif self.selected is None or now_s - self._checked_s[self.selected] > SILENT_AFTER_S:
            self.selected = path
        self.last_heard_s = now_s

    def _authenticate(self, check: Check) -> Credentials:
        credentials = next((c for c in self._credentials if c.ufrag == check.ufrag), None)
        if credentials is None:
            raise Rejected("stun_unknown_ufrag")
        if not check.is_signed_with(credentials.password):
            raise Rejected("stun_integrity")
        return credentials

    def _bind(self, path: Path, now_s: float) -> None:
        owner = self._bindings.get(path, self)
        if owner is not self:
            if owner.selected == path and now_s - owner.last_heard_s < STALE_AFTER_S:
                raise Rejected("stun_address_of_another_peer")
            owner._unbind(path)
        self._bindings[path] = self
        self._checked_s[path] = now_s
        if len(self._checked_s) > MAX_PATHS:
            self._unbind(min((p for p in self._checked_s if p != self.selected), key=self._checked_s.__getitem__))

    def _unbind(self, path: Path) -> None:
        del self._bindings[path], self._checked_s[path]
        if self.selected == path:
            self.selected = None

    def _remember(self, transaction: bytes) -> None:
        self._transactions[transaction] = None
        if len(self._transactions) > MAX_TRANSACTIONS:
            del self._transactions[next(iter(self._transactions))]
