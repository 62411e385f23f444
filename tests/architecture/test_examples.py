"""The examples for operators are what the tests run."""

import difflib
from pathlib import Path

from tests.relay import EXAMPLE, configuration


def test_the_relay_of_the_tests_is_the_example_with_its_marked_lines_changed(tmp_path: Path) -> None:
    before = EXAMPLE.read_text().splitlines()
    after = configuration(tmp_path, "192.0.2.30", ["192.0.2.31", "192.0.2.32"]).splitlines()
    marked = [line for number, line in enumerate(before) if _is_marked(before, number)]
    changed = [line[2:] for line in difflib.ndiff(before, after) if line.startswith("- ")]
    assert changed == marked
    assert [line for line in after if line.startswith("allowed-peer-ip")] == [
        "allowed-peer-ip=192.0.2.31",
        "allowed-peer-ip=192.0.2.32",
    ]


def _is_marked(lines: list[str], number: int) -> bool:
    """Whether a comment that begins with CHANGE stands over this line, with nothing but such lines between."""
    above = number
    while above > 0 and lines[above] and not lines[above].startswith("#"):
        above -= 1
    return above != number and lines[above].startswith("# CHANGE")
