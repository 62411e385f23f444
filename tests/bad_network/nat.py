"""A network address translator that may forget whom it knows: the same sockets are then seen at other ports. Pure.

Nobody behind it notices. Until it is told to, it changes nothing. RFC 4787 on what such devices do with UDP.
"""

import itertools

from tests.bad_network.packets import UDP, headers, with_port
from tests.bad_network.profiles import Way

FIRST_PORT = 10_000  # below those that a system gives to sockets by itself

Port = tuple[int, int]  # IP version, number


class Nat:
    """Translates the UDP ports of those behind the line."""

    def __init__(self) -> None:
        self._outside: dict[Port, int] = {}  # their own port -> the one the server sees
        self._inside: dict[Port, int] = {}
        self._gone: set[Port] = set()
        self._free = itertools.count(FIRST_PORT)

    def rebind(self) -> None:
        """Every socket that has sent is seen at another port from now on, and no longer reached at the one before."""
        for (version, inside), outside in self._outside.items():
            self._gone.add((version, outside))
            self._inside.pop((version, outside))
            self._bind(version, inside, self._free_port(version))

    def translate(self, way: Way, packet: bytes) -> bytes | None:
        """The packet as it goes on; None if nobody is at its port any more."""
        whose = headers(packet)
        if whose.protocol != UDP or whose.ports_at is None or None in (whose.source_port, whose.destination_port):
            return packet
        own = whose.source_port if way is Way.UP else whose.destination_port
        assert own is not None
        port = self._seen_as(whose.version, own) if way is Way.UP else self._reaches(whose.version, own)
        if port is None or port == own:
            return packet if port == own else None
        return with_port(packet, whose.ports_at + (0 if way is Way.UP else 2), whose.ports_at, port)

    def _seen_as(self, version: int, inside: int) -> int:
        if (version, inside) not in self._outside:
            taken = (version, inside) in self._inside or (version, inside) in self._gone
            self._bind(version, inside, self._free_port(version) if taken else inside)
        return self._outside[version, inside]

    def _reaches(self, version: int, outside: int) -> int | None:
        if (version, outside) in self._gone:
            return None
        return self._inside.get((version, outside), outside)

    def _bind(self, version: int, inside: int, outside: int) -> None:
        self._outside[version, inside] = outside
        self._inside[version, outside] = inside

    def _free_port(self, version: int) -> int:
        return next(port for port in self._free if (version, port) not in {*self._inside, *self._outside, *self._gone})
