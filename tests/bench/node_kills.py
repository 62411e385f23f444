"""How long people are away when their node is killed (`kill -9`) and started again.

`./run bench node_kills [KILLS]`.

Two people and the node, a web between them, as in `tests/integration/test_survival.py`; the figure runs from the kill
until both have their whole state again. Includes starting a Python process; leaves out how soon a supervisor notices.
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from tests import calls
from tests.signalling import Child, Person


async def away_times_s(directory: Path, kills: int) -> list[float]:
    """For each kill, how long both people were away."""
    now = datetime.now(UTC)
    spec = calls.spec("counselling", starts_at=now, ends_at=now + timedelta(hours=1))
    (directory / "spec.json").write_text(spec.model_dump_json())
    node, web = await Child.start("node", directory), await Child.start("web", directory)
    kim, song = Person("kim"), Person("song")
    await kim.join(web.port)
    await song.join(web.port)
    await kim.ask("lobby.admit", seat="song")
    away_s = []
    for _ in range(kills):
        await node.kill()
        killed_at_s = time.monotonic()
        node = await Child.start("node", directory)
        await asyncio.gather(kim.come_back(web.port), song.come_back(web.port))
        away_s.append(time.monotonic() - killed_at_s)
    for person in (kim, song):
        await person.leave()
    await node.kill()
    await web.kill()
    return away_s


def main(arguments: list[str]) -> None:
    """Print the figures."""
    kills = int(arguments[0]) if arguments else 20
    with tempfile.TemporaryDirectory() as directory:
        away_s = asyncio.run(away_times_s(Path(directory), kills))
    cuts = quantiles(away_s, n=20, method="inclusive")
    print(f"kills {kills}  p50 {cuts[9]:.2f} s  p95 {cuts[18]:.2f} s  max {max(away_s):.2f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
