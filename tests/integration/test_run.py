"""`./run` on machines that lack something: one sentence that says what, and how to get it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "run"
NOBODY = 65534
OLD = "exit 1"
WITHOUT_VENV = 'case "$2" in *version_info*) exit 0 ;; *) exit 1 ;; esac'
COMPLETE = "exit 0"


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder with `./run` in it, and commands of a machine without any Python; others may read it."""
    folder = Path(tempfile.mkdtemp(prefix="ieum-run-"))
    shutil.copy(RUN, folder / "run")
    (folder / "bin").mkdir()
    (folder / "bin" / "dirname").symlink_to(shutil.which("dirname") or "dirname")
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def python(checkout: Path, answers: str) -> None:
    """This machine's Python answers so."""
    path = checkout / "bin" / "python3"
    path.write_text(f"#!/bin/sh\n{answers}\n")
    path.chmod(0o755)


def refusal(checkout: Path) -> str:
    """What `./run` says as it gives up. A folder that cannot be written is one only to somebody who is not root."""
    found = subprocess.run(
        ["/bin/sh", str(checkout / "run")],
        env={"PATH": str(checkout / "bin")},
        user=NOBODY if os.geteuid() == 0 else None,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (1, "", 1), found.stderr
    return found.stderr


def test_without_any_python_or_with_an_old_one_it_names_the_version_it_needs(checkout: Path) -> None:
    assert "Python 3.11 or newer is needed" in refusal(checkout)
    python(checkout, OLD)
    assert "Python 3.11 or newer is needed" in refusal(checkout)


def test_without_the_venv_module_it_names_the_package(checkout: Path) -> None:
    python(checkout, WITHOUT_VENV)
    assert "apt-get install python3-venv" in refusal(checkout)


def test_a_folder_that_cannot_be_written_is_named_as_such(checkout: Path) -> None:
    python(checkout, COMPLETE)
    checkout.chmod(0o555)
    assert "this folder cannot be written to" in refusal(checkout)
