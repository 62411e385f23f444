"""Two people in a room, one of them behind a bad line, in browsers that can be asked what they get of each other."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page

from signaling.media.port import SeatId
from tests.bad_network.line import Line, behind
from tests.bad_network.profiles import Profile, Way
from tests.browsers import chromium
from tests.e2e.desk import Desk, at_the_desk
from tests.e2e.people import DESKTOP, PHONE, Host, Seeker, context
from tests.e2e.product import Product, serving_https
from tests.e2e.rooms import booked, come_together
from tests.e2e.test_behind_a_firewall import on_443
from tests.received import REMEMBER
from tests.relay import SECRET, relay, second_address
from tools.programs import CHROMIUM, TURNSERVER

COUNSELLOR, SEEKER = "김서연", "송다은"

# Remembers every socket of the page as well, so that a new one is seen.
REMEMBER_SOCKETS = """
window.sockets = 0;
window.WebSocket = class extends window.WebSocket {
    constructor(...given) { super(...given); window.sockets += 1; }
};
"""


@dataclass(frozen=True)
class Conversation:
    """`pages` by the way that media takes to them: up is the counsellor's, who gets what the seeker sends."""

    line: Line
    pages: dict[Way, Page]
    seats: dict[Way, SeatId]  # theirs


@asynccontextmanager
async def conversation(
    profile: Profile,
    *arguments: str,
    beside: Callable[[Product], AbstractAsyncContextManager[None]] = lambda _product: nullcontext(),
) -> AsyncIterator[Conversation]:
    """A counsellor beside the server and a seeker behind the line, who see each other; `arguments` are Chromium's.

    `beside` runs from before their room is opened until after they have left it.
    """
    executable = str(CHROMIUM.path())
    with tempfile.TemporaryDirectory() as folder, behind(profile) as line:
        async with (
            _site(Path(folder), line) as (product, believes),
            beside(product),
            chromium(executable, *believes, *arguments) as here,
            chromium(executable, *believes, *arguments, prefix=line.prefix) as away,
            at_the_desk(product, COUNSELLOR) as desk,
        ):
            pages = {Way.UP: await _page(here, DESKTOP), Way.DOWN: await _page(away, PHONE)}
            kim, song = Host(pages[Way.UP]), Seeker(pages[Way.DOWN])
            booking = await booked(desk, SEEKER)
            await come_together(product, booking, (kim, COUNSELLOR), (song, SEEKER))
            yield Conversation(line, pages, await _seats(desk, booking[0]))
            with contextlib.suppress(Exception):  # everything was measured
                await kim.leave_room("모두 끝내기")


@asynccontextmanager
async def _site(folder: Path, line: Line) -> AsyncIterator[tuple[Product, list[str]]]:
    """The product, and with what arguments Chromium believes it; for those who have no UDP there is a relay."""
    believes = ["--ignore-certificate-errors"]
    if not line.profile.up.udp_blocked:
        async with serving_https(folder, line.server(min(line.profile.ip_versions))) as product:
            yield product, believes
        return
    server = line.server(4)
    with second_address(line) as address:
        async with relay(str(TURNSERVER.path()), folder / "relay", address, [server]) as turn:
            settings = {"turn_urls": f'["{turn.url}"]', "turn_secret": SECRET}
            async with on_443(folder / "site", server, **settings) as product:
                yield product, [*believes, f"--ignore-certificate-errors-spki-list={turn.key_pin}"]


async def _seats(desk: Desk, appointment: str) -> dict[Way, SeatId]:
    seats = (await desk.ask("GET", f"/api/appointments/{appointment}"))["seats"]
    return {Way.DOWN if seat["name"] == SEEKER else Way.UP: SeatId(seat["id"]) for seat in seats}


async def _page(browser: Browser, size: dict[str, int]) -> Page:
    profile = await context(browser, size)
    await profile.add_init_script(REMEMBER + REMEMBER_SOCKETS)
    return await profile.new_page()
