"""A small disk to be filled."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def a_small_disk(directory: Path, options: str) -> Iterator[Path]:
    """A disk of its own in memory. Needs root: without it the test is skipped, and fails in CI."""
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("mounting a small disk needs root")
        pytest.skip("mounting a small disk needs root")
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "ieum-test", str(directory)], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)
