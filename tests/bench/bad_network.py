"""What the shaper of tests/bad_network carries before it is itself the bad line.

`./run bench bad_network [MBIT_S ...]`: datagrams of 1,200 bytes from behind a line that only delays by 20 ms.
"""

import socket
import sys
import threading
import time

from tests.bad_network.line import Line, behind
from tests.bad_network.profiles import Way, both_ways

RATES_MBIT_S = (10.0, 20.0, 50.0, 100.0)
SECONDS = 5.0
PAYLOAD = bytes(1172)
PACKET_BITS = 1200 * 8
PORT = 42_160


def send(line: Line, rate_mbit_s: float) -> int:
    """Send evenly for some seconds; how many datagrams."""
    with line.socket(4) as sender:
        sender.connect((line.server(4), PORT))
        began_s, sent = time.monotonic(), 0
        while (passed_s := time.monotonic() - began_s) < SECONDS:
            due = int(passed_s * rate_mbit_s * 1e6 / PACKET_BITS)
            for _ in range(due - sent):
                sender.send(PAYLOAD)
            sent = due
            time.sleep(0.001)
        return sent


def receive(server: socket.socket) -> None:
    """Take what comes until nothing does."""
    try:
        while server.recv(2000):
            pass
    except TimeoutError:
        return


def measure(rate_mbit_s: float) -> str:
    """One rate on a line of its own, as a line of text."""
    with behind(both_ways(delay_ms=20)) as line, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((line.server(4), PORT))
        server.settimeout(2)
        reading = threading.Thread(target=receive, args=(server,))
        reading.start()
        sent = send(line, rate_mbit_s)
        reading.join()
        counts = line.counts()
    arrived = counts[Way.UP].get("arrived", 0)
    carried = arrived * PACKET_BITS / SECONDS / 1e6
    processor = counts["processor_s"] / arrived * 1e6
    return (
        f"asked {rate_mbit_s:6.1f} Mbit/s   carried {carried:6.1f}   not carried {100 * (1 - arrived / sent):5.2f} %   "
        f"late at worst {counts['late_ms']:6.1f} ms   {processor:5.1f} µs of processor per packet"
    )


def main(arguments: list[str]) -> None:
    """Print a line per rate."""
    for rate_mbit_s in map(float, arguments) if arguments else RATES_MBIT_S:
        print(measure(rate_mbit_s), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
