"""`./run test`: every test, the quick ones first; with arguments, only what they name to pytest.

A few tests that failed run once more, alone: a machine that was busy for a while is told apart from a fault.
What passed only then is named at the end, for it waits for too little or hides a race.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

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
SECOND_TRY_MAX = 5  # more than these are not one moment's bad luck
FUZZING = "tests/integration/test_fuzzing.py"  # no second try: by another seed a finding would pass
LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def pytest(*arguments: str) -> bool:
    """Run pytest, in a network of its own where that is allowed; True if it passed."""
    with own_namespace() as prefix:
        command = [*prefix, sys.executable, "-m", "pytest", "-q", "--durations=5", *arguments]
        return subprocess.run(command, check=False).returncode == 0


def last_failed() -> list[str]:
    """The tests that failed in the last run of pytest, as it names them."""
    try:
        return sorted(json.loads(LAST_FAILED.read_text()))
    except FileNotFoundError:  # it ended before it had run any
        return []


def passes(title: str, arguments: Sequence[str], report: list[str]) -> bool:
    """Run one step, and the few tests that failed a second time; what is to be said at the end goes to `report`."""
    print(f"\n== {title}", flush=True)
    if pytest("--cache-clear", *arguments):
        return True
    failed = last_failed()
    if 0 < len(failed) <= SECOND_TRY_MAX and not any(test.startswith(FUZZING) for test in failed):
        print(f"\n== {title}, what failed once more and alone", flush=True)
        if pytest(*failed):
            report += [f"passed only at the second try, alone: {test}" for test in failed]
            return True
        failed = last_failed()
    report += [f"failed: {title}", *(f"failed: {test}" for test in failed)]
    return False


def front_end(report: list[str]) -> bool:
    """Run the front end's own tests."""
    print("\n== front end", flush=True)
    passed = subprocess.run(["npm", "--prefix", "web", "test"], check=False).returncode == 0
    report += [] if passed else ["failed: front end"]
    return passed


def whole() -> bool:
    """Run every step, also after one that failed, and say at the end which did."""
    report: list[str] = []
    results = [*(passes(title, arguments, report) for title, arguments in WHOLE), front_end(report)]
    for line in report:
        print(line)
    return all(results)


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
