"""`./run test`: every test, the quick ones first; with arguments, only what they name to pytest."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from tests.network import own_namespace
from tools import programs

QUICK = ["tests/unit", "tests/architecture"]
RANDOM_REQUESTS = "tests/integration/test_openapi.py"  # its tests have no names of their own, which workers need
WHOLE = (
    ("unit and architecture", [*QUICK, "-n", "2"]),
    ("integration", ["tests/integration", "-n", "2", "--dist", "loadfile", "--ignore", RANDOM_REQUESTS]),
    ("random requests", [RANDOM_REQUESTS]),
    ("end to end, in real browsers", ["tests/e2e"]),
)


def pytest(*arguments: str) -> bool:
    """Run pytest, in a network of its own where that is allowed; True if it passed."""
    with own_namespace() as prefix:
        command = [*prefix, sys.executable, "-m", "pytest", "-q", "--durations=5", *arguments]
        return subprocess.run(command, check=False).returncode == 0


def front_end() -> bool:
    """Run the front end's own tests; True if they passed."""
    return subprocess.run(["npm", "--prefix", "web", "test"], check=False).returncode == 0


def step(title: str, passed: Callable[[], bool]) -> str | None:
    """Run one step under its title; the title again if it failed."""
    print(f"\n== {title}", flush=True)
    return None if passed() else title


def whole() -> bool:
    """Run every step, also after one that failed, and say which did."""
    steps = [step(title, partial(pytest, *arguments)) for title, arguments in WHOLE]
    failed = [title for title in [*steps, step("front end", front_end)] if title]
    for title in failed:
        print(f"failed: {title}")
    return not failed


def report_missing() -> bool:
    """List what was not here and so was not tested with; False if that may not be, as in CI."""
    absent = programs.missing()
    for program in absent:
        print(f"not tested with {program.name}: it is missing; {program.how_to_install()}")
    return not (absent and os.environ.get("CI"))


def main() -> int:
    """Exit status of `./run test`."""
    chromium = programs.get_chromium()
    if chromium is None:
        print(f"ieum: a Chromium browser is needed to test; {programs.CHROMIUM.how_to_install()}", file=sys.stderr)
        return 1
    os.environ["IEUM_CHROMIUM"] = chromium
    passed = pytest(*sys.argv[1:]) if sys.argv[1:] else whole()
    return 0 if report_missing() and passed else 1


if __name__ == "__main__":
    sys.exit(main())
