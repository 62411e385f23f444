"""The process that is the line: takes packets from one TUN device and gives them to the other as the model says.

`python -m tests.bad_network.shaper NAMESPACE THEIR_DEVICE OUR_DEVICE SEED` makes a device here and one in the
namespace, and obeys its standard input until that ends. Each line is a JSON object with what is to change,
`{"up": {...}, "down": {...}}` (impairments, whole) or `{"rebind": true}`; each is answered by one line with the counts
of both ways. The first answer needs no question.
"""

import heapq
import itertools
import json
import os
import select
import sys
import time
from collections import Counter
from typing import Any

from tests.bad_network.device import open_tun
from tests.bad_network.model import Cause, Channel
from tests.bad_network.nat import Nat
from tests.bad_network.profiles import Impairments, Way
from tests.network import inside

PACKET_BYTES = 65_536
PACKETS_AT_ONCE = 64  # then what is due goes first
NICENESS = -10  # the line must not be slow because the machine is busy


class Shaper:
    """Both ways of one line. `devices` are those that each way reads from."""

    def __init__(self, devices: dict[Way, int], seed: int) -> None:
        self._from = devices
        self._to = {Way.UP: devices[Way.DOWN], Way.DOWN: devices[Way.UP]}
        self._channels = {way: Channel(way, Impairments(), seed) for way in Way}
        self._nat = Nat()
        self._counts: dict[Way, Counter[str]] = {way: Counter() for way in Way}
        self._latest_s = 0.0
        self._due: list[tuple[float, int, Way, bytes]] = []
        self._numbers = itertools.count()

    def change(self, said: dict[str, Any]) -> None:
        """Exchange impairments, or ports as well. Raises ValueError for what does not exist."""
        if said.pop("rebind", False):
            self._nat.rebind()
        for way, impairments in said.items():
            self._channels[Way(way)].impairments = Impairments.model_validate(impairments)

    def counts(self) -> dict[str, Any]:
        """Per way: packets that entered, arrived, or were dropped, by cause; how late we were at worst, at which cost.

        What no router passes on, as a kernel's own multicast, is counted as that and did not enter.
        """
        itself = {"late_ms": round(self._latest_s * 1000, 1), "processor_s": time.process_time()}
        return {way.value: dict(counts) for way, counts in self._counts.items()} | itself

    def run(self, control: int) -> None:
        """Move packets until `control` ends."""
        ways = {descriptor: way for way, descriptor in self._from.items()}
        while True:
            ready, _, _ = select.select([*ways, control], [], [], self._idle_s())
            for descriptor in ready:
                if descriptor in ways:
                    self._read(ways[descriptor])
            self._deliver(time.monotonic())
            if control in ready and not self._obey(control):
                return

    def _idle_s(self) -> float | None:
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def _obey(self, control: int) -> bool:
        """Lines are short and come one at a time, so that each is read whole."""
        line = os.read(control, PACKET_BYTES)
        if line:
            self.change(json.loads(line))
            self.tell()
        return bool(line)

    def tell(self) -> None:
        """Say the counts."""
        print(json.dumps(self.counts()), flush=True)

    def _read(self, way: Way) -> None:
        channel, counts = self._channels[way], self._counts[way]
        for _ in range(PACKETS_AT_ONCE):
            try:
                packet = os.read(self._from[way], PACKET_BYTES)
            except OSError:  # nothing more, or the device is down
                return
            fate = channel.take(packet, time.monotonic())
            counts["entered"] += fate.dropped is not Cause.NOT_ROUTED
            if fate.dropped:
                counts[fate.dropped] += 1
            for at_s, piece in fate.deliveries:
                heapq.heappush(self._due, (at_s, next(self._numbers), way, piece))
            if fate.answer:
                self._write(self._from[way], fate.answer)

    def _deliver(self, now_s: float) -> None:
        while self._due and self._due[0][0] <= now_s:
            at_s, _, way, packet = heapq.heappop(self._due)
            self._latest_s = max(self._latest_s, now_s - at_s)
            translated = self._nat.translate(way, packet)
            if translated is None:
                self._counts[way][Cause.REBOUND] += 1
            else:
                self._counts[way]["arrived" if self._write(self._to[way], translated) else "device"] += 1

    def _write(self, device: int, packet: bytes) -> bool:
        try:
            os.write(device, packet)
        except OSError:  # it is down, or has no address yet
            return False
        return True


def main(namespace: str, their_device: str, our_device: str, seed: int) -> None:
    """Make the devices, say so, and be the line."""
    os.nice(NICENESS)
    with inside(namespace):
        theirs = open_tun(their_device)
    shaper = Shaper({Way.UP: theirs, Way.DOWN: open_tun(our_device)}, seed)
    shaper.tell()
    shaper.run(sys.stdin.fileno())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
