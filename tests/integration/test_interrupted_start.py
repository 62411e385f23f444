"""Ctrl-C while `ieum serve --sample` still makes its samples: it ends at once, and the next start works."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from server.preparation import SAMPLES_FILE
from tests.e2e.product import environment_of

AT_ONCE_S = 20.0  # as the load of a test machine goes; the samples themselves take longer


class Start:
    """`ieum serve --sample` on this folder."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def of(cls, environment: dict[str, str]) -> "Start":
        argv = (sys.executable, "-m", "server", "serve", "--sample")
        return cls(
            await asyncio.create_subprocess_exec(
                *argv, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=os.getcwd()
            )
        )

    async def says(self, words: str) -> None:
        assert self.process.stdout
        async with asyncio.timeout(180):
            while words not in (line := (await self.process.stdout.readline()).decode()):
                assert line, f"ended before it said {words}"

    async def interrupt(self, within_s: float) -> str:
        """Its last words, after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(self.process.communicate(), within_s)
        assert (self.process.returncode, err) == (0, b""), err.decode()
        return out.decode()


@pytest.mark.timeout(500)
async def test_ctrl_c_while_samples_are_made_ends_at_once_and_the_next_start_makes_them(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    environment = environment_of(folder, "http", "localhost")
    first = await Start.of(environment)
    await first.says("making sample people")
    assert "stopped" in await first.interrupt(AT_ONCE_S)
    assert [path.name for path in folder.glob("sample*")] == []

    again = await Start.of(environment)
    await again.says("making sample people")
    await again.says("Ieum is ready")
    assert (folder / SAMPLES_FILE).exists()
    await again.interrupt(120)
