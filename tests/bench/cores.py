"""Which core the load has and which the engine, so that neither is measured as the other's neighbour."""

import os
from functools import cache


@cache  # whoever asks after the load has gone to its own core hears the same
def cores() -> tuple[int, int]:
    """Of the load, and of the engine; the same where there is but one."""
    found = sorted(os.sched_getaffinity(0))
    return found[0], found[min(1, len(found) - 1)]


def load_on_its_core() -> None:
    """The load, which is this process, goes to its core; what it starts from now on goes there too unless told."""
    os.sched_setaffinity(0, {cores()[0]})
