"""`./run fuzz`: a short run of each target, led by coverage. Longer ones are for whoever changes a parser."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.fuzz import fuzz, is_possible, names

SECONDS = 2


def test_without_a_name_the_targets_are_listed_and_a_wrong_one_is_refused() -> None:
    listed = subprocess.run([sys.executable, "-m", "tools.fuzz"], capture_output=True, text=True, check=True).stdout
    assert [name for name in names() if f"  {name} " not in listed] == []
    assert subprocess.run([sys.executable, "-m", "tools.fuzz", "nothing"], capture_output=True).returncode == 2


@pytest.mark.parametrize("name", names())
def test_a_short_run_breaks_no_promise(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    if not is_possible():
        if os.environ.get("CI"):
            pytest.fail("atheris is missing")
        pytest.skip("atheris is missing: it has wheels for Python 3.11 to 3.13 on Linux x86-64 only")
    assert fuzz(name, SECONDS, tmp_path) == 0, capfd.readouterr().err[-3_000:]
    assert "DONE" in capfd.readouterr().err
