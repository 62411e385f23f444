"""What every test gets: an environment without our settings, and programs that are either there or loudly missing."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from tests.janus import CABLE, outward_address
from tests.network import can_make_networks, host
from tools.programs import CHROMIUM, FIREFOX, Program

settings.register_profile("shared machine", deadline=None)  # a slow moment of the machine is not a failure
settings.load_profile("shared machine")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("IEUM_")]:
        if not name.endswith(
            ("_CHROMIUM", "_FIREFOX", "_LIBAVCODEC", "_INITDB", "_IP", "_NGINX", "_CADDY", "_TURNSERVER", "_JANUS")
        ):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def needs() -> Callable[[Program], str]:
    """`needs(PROGRAM)` is its path. Where it is missing the test is skipped and says so; in CI it fails."""

    def path_of(program: Program) -> str:
        path = program.path()
        return path or cannot(f"{program.name} is missing: {program.how_to_install()}")

    return path_of


def cannot(reason: str) -> NoReturn:
    """Skip this test and say why; in CI it fails, for there everything is to be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def networks() -> None:
    """Hosts and lines of one's own can be made. Where not, the test is skipped and says so; in CI it fails."""
    if not can_make_networks():
        cannot("network namespaces need root")
    if not Path("/dev/net/tun").exists():
        cannot("bad lines need /dev/net/tun")


@pytest.fixture(scope="session")
def chromium_path(needs: Callable[[Program], str]) -> str:
    return needs(CHROMIUM)


@pytest.fixture(scope="session")
def firefox_path(needs: Callable[[Program], str]) -> str:
    return needs(FIREFOX)


@pytest.fixture(scope="session")
def janus_address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where Janus can be reached, which does not use loopback: the address that leads outside, else a cable's end.

    In the namespace that `./run test` makes, it leads nowhere.
    """
    ours = outward_address()
    if ours is not None:
        yield ours
        return
    request.getfixturevalue("networks")
    with host(CABLE) as made:
        yield made.our_address
