"""One process from start to end: logs, signals, the supervisor's beat, and a body that runs until told to stop."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from typing import NoReturn

import structlog

from server.observability import set_up_logs
from server.supervisor import beat_until_orphaned, wait_until_prepared

Body = Callable[[], contextlib.AbstractAsyncContextManager[None]]

log = structlog.get_logger(__name__)


def run(name: str, body: Body, *, debug: bool = False) -> None:
    """Run `body` until SIGTERM, SIGINT or the supervisor's death. What it opened is closed before this returns."""
    set_up_logs(name, debug=debug)
    if not wait_until_prepared():
        return
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(body))


async def _run(body: Body) -> None:
    async with until_stopped() as stop, body():
        log.info("process_ready")
        beating = asyncio.create_task(beat_until_orphaned(stop))
        try:
            await stop.wait()
        finally:
            stop.set()
            await beating
            log.info("process_stopping")


@contextlib.asynccontextmanager
async def until_stopped() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def refuse(sentence: str, exit_status: int) -> NoReturn:
    """End this process with one sentence for the person who started it."""
    print(f"ieum: {sentence}", file=sys.stderr)  # noqa: T201 this is the command line's answer
    raise SystemExit(exit_status)
