"""`ieum serve`: prepare, start every process under the supervisor, and say where to go. Ctrl-C takes all of it down."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from server import process
from server.config import Settings
from server.observability import set_up_logs
from server.preparation import SAMPLES_FILE, check_ports, check_sample, data_directory, has_samples, private_ports
from server.supervisor import Command, Supervisor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.app.samples import Samples

LOG_FILE = "ieum.log"


def serve(settings: Settings, *, sample: bool) -> None:
    """Serve until told to stop. Raises CannotStart."""
    if sample or has_samples(settings):
        check_sample(settings)
    with data_directory(settings.data_dir), _log_file(settings, sample=sample) as log_file:
        set_up_logs("serve", debug=settings.debug, to=log_file)
        check_ports(settings)
        asyncio.run(_serve(settings, log_file, sample=sample))


@contextmanager
def _log_file(settings: Settings, *, sample: bool) -> Iterator[TextIO | None]:
    """Who tries the product wants to read where to go, and not our log; who runs it wants it on standard error."""
    if not sample:
        yield None
        return
    with (settings.data_dir / LOG_FILE).open("a", buffering=1) as file:
        yield file


async def _serve(settings: Settings, log_file: TextIO | None, *, sample: bool) -> None:
    async with process.until_stopped() as stop:
        samples: Samples | None = None

        async def prepared() -> None:
            nonlocal samples
            _say("ieum: preparing the database …")
            prepare, refresh_samples = await asyncio.to_thread(_first_steps)
            await prepare(settings)
            if sample and not has_samples(settings):
                _say("ieum: making sample people, and a recording of two of them (half a minute, once) …")
            samples = await refresh_samples(settings) if sample else None
            _say("ieum: starting …")

        supervisor = Supervisor(commands(settings), log_file.buffer if log_file else None)
        await supervisor.run(prepared, lambda: _say(greeting(settings, samples)), stop)
        _say("ieum: stopped.")


def _first_steps() -> tuple[Callable[[Settings], Awaitable[None]], Callable[[Settings], Awaitable[Samples]]]:
    """What only runs once: its code is loaded while the processes, already started, load theirs."""
    from server.app.administration import prepare
    from server.app.samples import refresh_samples

    return prepare, refresh_samples


def commands(settings: Settings) -> list[Command]:
    """The processes of one machine; each has its own name and ports, all share the rest of the environment."""
    shared = {"IEUM_DATA_DIR": str(settings.data_dir.resolve())}
    ports = iter(private_ports(settings))

    def command(name: str, kind: str, **environment: str) -> Command:
        private = {"IEUM_PRIVATE_PORT": str(next(ports, 0))}
        return Command(name, (sys.executable, "-m", "server", kind), shared | environment | private)

    web_url = f"{'https' if settings.private_tls else 'http'}://{settings.private_host}:{settings.private_port}"
    nodes = [
        {
            "IEUM_NODE_NAME": f"node-{number}",
            "IEUM_DRAIN_WITHIN_S": "0",  # all stop together: nobody is there to take a room
            "IEUM_MEDIA_PORT": str(settings.media_port + number if settings.media_port else 0),
        }
        for number in range(settings.nodes)
    ]
    web = command("web", "web")
    return [
        web,
        *(command(node["IEUM_NODE_NAME"], "node", **node, IEUM_WEB_URLS=f'["{web_url}"]') for node in nodes),
        replace(command("work", "work"), starts_last=True),  # what it does has waited as long as all was stopped
    ]


def greeting(settings: Settings, samples: Samples | None) -> str:
    """What the person who started it reads when everything runs."""
    lines = ["", f"  이음이 준비되었습니다 · Ieum is ready:  {settings.public_url}", ""]
    if samples is None:
        return "\n".join([*lines, "  First account: ieum admin create", "  Ctrl-C stops everything.", ""])
    lines += ["  Sign in as"]
    lines += [f"    {person.name}  {person.email}  {person.password}" for person in samples.people]
    lines += ["", "  Open in a second browser, as the seeker"]
    lines += [f"    {link.name}  {link.url}" for link in samples.links]
    lines += [
        "",
        f"  All of this is also in {_shown(settings.data_dir / SAMPLES_FILE)}; the log is beside it.",
    ]
    lines += ["  Use headphones: two browsers on one desk hear each other.", "  Ctrl-C stops everything.", ""]
    return "\n".join(lines)


def _shown(path: Path) -> Path:
    absolute, here = path.resolve(), Path.cwd()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else absolute


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 this is what the command answers
