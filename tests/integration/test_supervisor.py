"""The supervisor with real child processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from server import supervisor
from server.supervisor import Child, Command, Supervisor, restart_delay_s
from tests.waiting import until

BEATING = """
import asyncio, signal
from server.supervisor import beat_until_orphaned, wait_until_prepared
async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await beat_until_orphaned(stop)
if wait_until_prepared():
    asyncio.run(main())
"""
HANGING = BEATING.replace(
    "    await beat", "    asyncio.get_running_loop().call_later(0.3, __import__('time').sleep, 600)\n    await beat"
)


async def nothing() -> None:
    """There is nothing to prepare."""


@asynccontextmanager
async def supervised(code: str) -> AsyncIterator[Child]:
    boss = Supervisor([Command("child", (sys.executable, "-c", code), {"PYTHONPATH": os.getcwd()})])
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(boss.run(nothing, ready.set, stop))
    await asyncio.wait_for(ready.wait(), 30)
    try:
        yield boss.children[0]
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


async def test_a_killed_child_is_started_again() -> None:
    async with supervised(BEATING) as child:
        first = child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.starts == 2 and child.ready.is_set())
        assert child.pid != first


async def test_a_hung_child_is_killed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "HUNG_AFTER_S", 1.5)
    async with supervised(HANGING) as child:
        first = child.pid
        assert first
        await until(lambda: child.starts >= 2)
        assert not is_running(first)


async def test_stopping_ends_the_children_and_leaves_none() -> None:
    async with supervised(BEATING) as child:
        pid = child.pid
        assert pid
    assert not is_running(pid)
    assert child.starts == 1


async def test_no_child_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    boss = f"""
import asyncio, os, sys
from server.supervisor import Command, Supervisor
async def nothing():
    pass
async def main():
    boss = Supervisor([Command("child", (sys.executable, "-c", {BEATING!r}))])
    await boss.run(nothing, lambda: print(boss.children[0].pid, flush=True), asyncio.Event())
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", boss, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    assert process.stdout
    child = int(await asyncio.wait_for(process.stdout.readline(), 30))
    assert is_running(child)
    process.kill()
    await process.wait()
    await until(lambda: not is_running(child))


def a_child() -> Command:
    return Command("child", (sys.executable, "-c", BEATING), {"PYTHONPATH": os.getcwd()})


async def test_children_are_loaded_but_do_not_begin_before_all_is_prepared() -> None:
    boss, stop, ready, go = Supervisor([a_child()]), asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def prepare() -> None:
        await go.wait()

    task = asyncio.create_task(boss.run(prepare, ready.set, stop))
    child = boss.children[0]
    await until(lambda: child.pid is not None and sleeps_in_a_read(child.pid))
    assert not ready.is_set()
    go.set()
    await asyncio.wait_for(ready.wait(), 30)
    stop.set()
    await asyncio.wait_for(task, 30)


async def test_a_child_that_nobody_waits_for_starts_when_the_others_are_ready() -> None:
    last = replace(a_child(), name="last", starts_last=True)
    boss, stop = Supervisor([last, a_child()]), asyncio.Event()
    started_before: list[int] = []
    task = asyncio.create_task(boss.run(nothing, lambda: started_before.append(boss.children[0].starts), stop))
    await until(lambda: boss.children[0].ready.is_set())
    assert started_before == [0]
    stop.set()
    await asyncio.wait_for(task, 30)


async def test_a_child_that_nobody_waits_for_starts_even_if_another_is_never_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "LAST_WAIT_S", 0.1)
    dying = Command("dying", (sys.executable, "-c", "raise SystemExit(1)"))
    boss, stop = Supervisor([dying, replace(a_child(), starts_last=True)]), asyncio.Event()
    task = asyncio.create_task(boss.run(nothing, lambda: None, stop))
    await until(lambda: boss.children[1].ready.is_set())
    stop.set()
    await asyncio.wait_for(task, 30)


def sleeps_in_a_read(pid: int) -> bool:
    """Whether the process waits for its standard input: Python has loaded `server.supervisor` by then."""
    return "server" in Path(f"/proc/{pid}/cmdline").read_text() and "pipe" in Path(f"/proc/{pid}/wchan").read_text()


async def test_what_preparing_raises_ends_the_children_too() -> None:
    boss = Supervisor([a_child()])

    async def prepare() -> None:
        await until(lambda: boss.children[0].pid is not None)
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await boss.run(prepare, lambda: None, asyncio.Event())
    pid = boss.children[0].pid
    assert pid
    await until(lambda: not is_running(pid))


async def test_stopping_while_it_prepares_is_at_once_and_undoes_what_was_begun() -> None:
    boss, stop = Supervisor([a_child()]), asyncio.Event()
    undone = asyncio.Event()

    async def prepare() -> None:
        await until(lambda: boss.children[0].pid is not None)
        stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            undone.set()

    await asyncio.wait_for(boss.run(prepare, lambda: None, stop), 30)
    assert undone.is_set()
    pid = boss.children[0].pid
    assert pid
    assert not is_running(pid)


def test_restarts_come_at_once_and_then_slower_up_to_a_limit() -> None:
    delays = [restart_delay_s(deaths) for deaths in range(1, 12)]
    assert delays[0] == supervisor.FIRST_RESTART_S
    assert delays == sorted(delays)
    assert delays[-1] == supervisor.SLOWEST_RESTART_S
