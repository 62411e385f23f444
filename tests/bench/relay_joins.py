"""How long a join takes where only TCP to port 443 gets out, by way of the relay: `[TIMES]`.

A seeker behind the line `company-firewall`, a counsellor beside the server, both in Chromium; coturn as
`docs/deploy/turnserver.conf` says. The seeker's page is loaded anew again and again. The time runs from there to the
first moving picture of the counsellor, with the page's own start, its socket and both connections in it.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.bad_network.line import behind
from tests.bad_network.profiles import profiles
from tests.bench.processor import percentile
from tests.e2e.test_behind_a_firewall import COUNSELLOR, both_relayed, on_443, talking
from tests.relay import SECRET, relay, second_address
from tools.programs import CHROMIUM, TURNSERVER

TIMES = 20
WANTED_P95_S = 5.0


async def measure(times: int) -> None:
    """Print a line for each join, and the spread."""
    with (
        tempfile.TemporaryDirectory() as name,
        behind(profiles()["company-firewall"]) as line,
        second_address(line) as address,
    ):
        folder, took = Path(name), []
        async with relay(str(TURNSERVER.path()), folder / "relay", address, [line.server(4)]) as turn:
            settings = {"turn_secret": SECRET, "turn_urls": f'["{turn.url}"]'}
            async with (
                on_443(folder / "site", line.server(4), **settings) as product,
                talking(product, str(CHROMIUM.path()), line, turn) as (room, _frames),
            ):
                for number in range(times):
                    began_s = time.monotonic()
                    await room.seeker.page.reload()
                    await room.seeker.sees_moving(COUNSELLOR)
                    took.append(time.monotonic() - began_s)
                    await both_relayed(room.seeker.page)
                    print(f"{number + 1:3} {took[-1]:5.2f} s", flush=True)
                await room.counsellor.leave_room("모두 끝내기")
    p95_s = percentile(took, 95)
    verdict = "" if p95_s < WANTED_P95_S else ": MISSED"
    print(f"p50 {percentile(took, 50):.2f} s   p95 {p95_s:.2f} s   wanted {WANTED_P95_S} s{verdict}", flush=True)


def main(arguments: list[str]) -> None:
    """Print the figures."""
    asyncio.run(measure(int(arguments[0]) if arguments else TIMES))


if __name__ == "__main__":
    main(sys.argv[1:])
