"""Made-up runs of `./run bench media`, for tests of what is said of them."""

from tests.bench.media_load import DRAIN_S, Taken
from tests.bench.media_pairs import FOREIGN_PERCENT, Run
from tests.bench.media_side import EngineName, Figures
from tests.bench.processor import Stretch


def a_run(
    engine: EngineName = "ours",
    foreign_percent: float = 0.0,
    late_ms: float = 1.0,
    lost_voice: float = 0.0,
    cpu_s: float = 1.0,
    forwarded: int = 10_000,
    load_percent: float = 0.0,
    sent: float = 1.0,
    turn_s: float | None = None,
) -> Run:
    delays = (0.5, late_ms, 2 * late_ms)
    taken = Taken(forwarded // 2, forwarded, lost_voice, 0.0, 0, 1_000, delays, 30.0, delays, load_percent, sent, 7.0)
    return Run(engine, taken, Stretch(3.0 + DRAIN_S, cpu_s, foreign_percent), Figures(cpu_s, 0.5, 0, turn_s))


QUIET, LOUD, BROKEN = a_run(), a_run(foreign_percent=FOREIGN_PERCENT + 1), a_run(late_ms=30.0)
LOUD_AND_BROKEN = a_run(foreign_percent=FOREIGN_PERCENT + 1, late_ms=30.0)
