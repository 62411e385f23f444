"""A seeker in a company that lets only TCP to port 443 out: with a relay they talk, without one they are told."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, WebSocket

from tests.bad_network.line import Line, behind
from tests.bad_network.model import Cause
from tests.bad_network.profiles import Way, profiles
from tests.browsers import chromium
from tests.e2e.certificates import make_certificate
from tests.e2e.desk import at_the_desk
from tests.e2e.people import Seeker, host, seeker
from tests.e2e.product import Product, serving
from tests.e2e.rooms import Meeting, booked, come_together, together_again
from tests.relay import SECRET, Relay, relay, second_address
from tests.waiting import until
from tools.programs import TURNSERVER, Program

pytestmark = pytest.mark.usefixtures("networks")

COUNSELLOR, SEEKER = "김서연", "정하늘"
DIRECT, RELAYED = "연결이 좋습니다.", "중계 서버를 거칩니다"
BLOCKED = re.compile("이 회선에서는 소리와 영상이 막혀 있습니다.*휴대전화 데이터나 다른 와이파이")

# Every peer connection of the page, from its first script on, so that a test can ask each which way it goes.
KEEP_CONNECTIONS = """(() => {
    const kept = (window.connections = []);
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(...given) { super(...given); kept.push(this); }
    };
})()"""

# Of each connection that stands: how its chosen path begins here, and over what the relay is reached.
PATHS = """async () => {
    const paths = [];
    for (const pc of window.connections.filter((pc) => pc.connectionState === "connected")) {
        const stats = await pc.getStats();
        const transport = [...stats.values()].find((entry) => entry.type === "transport");
        const local = stats.get(stats.get(transport.selectedCandidatePairId).localCandidateId);
        paths.push([local.candidateType, local.relayProtocol]);
    }
    return paths;
}"""


# How a frame with an answer begins (Engine.IO message, Socket.IO ack).
ACKNOWLEDGED = "43"

# The user names that each connection would show the relay now.
USERS = """() => window.connections
    .filter((pc) => pc.connectionState === "connected")
    .map((pc) => pc.getConfiguration().iceServers[0].username)"""


async def told(person: Seeker, link: str, words: str | re.Pattern[str]) -> None:
    """What the device check says of this person's connection, in a tab of its own."""
    tab = Seeker(await person.page.context.new_page())
    await tab.open(link)
    await tab.sees(words)
    await tab.page.close()


async def both_relayed(page: Page) -> None:
    """Wait until both connections stand, and by way of the relay over TLS; one may just be repaired."""
    async with asyncio.timeout(60):
        while await page.evaluate(PATHS) != [["relay", "tls"]] * 2:
            await asyncio.sleep(0.1)


async def all_others(page: Page, users: list[str]) -> None:
    """Wait until both connections stand again, with other credentials; a moment long they seem to stand as before."""
    now: list[str] = []
    try:
        async with asyncio.timeout(90):
            while len(now) < 2 or set(now) & set(users):
                await asyncio.sleep(0.1)
                now = await page.evaluate(USERS)
    except TimeoutError as late:
        states = await page.evaluate("window.connections.map((pc) => pc.connectionState)")
        raise AssertionError(f"stand with {now}, before {users}; {states}") from late


class Frames:
    """What the page says and hears on its sockets from now on."""

    def __init__(self, page: Page) -> None:
        self._all: list[tuple[bool, str]] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self._all.append((True, str(frame))))
        socket.on("framereceived", lambda frame: self._all.append((False, str(frame))))

    def are_told_other_credentials(self) -> bool:
        """Did the page ask for other credentials, and was it answered?"""
        asked = [at for at, (ours, frame) in enumerate(self._all) if ours and '"ice.servers"' in frame]
        answers = [frame for ours, frame in self._all[asked[0] :] if not ours] if asked else []
        return any(frame.startswith(ACKNOWLEDGED) and '"ice_refresh_s"' in frame for frame in answers)


@asynccontextmanager
async def on_443(folder: Path, address: str, **settings: str) -> AsyncIterator[Product]:
    """The product as companies let it through: https on its usual port."""
    folder.mkdir()
    certificate, key = make_certificate(folder, address)
    own = {"tls_certificate": str(certificate), "tls_key": str(key), "listen_host": address, "listen_port": "443"}
    public = {"public_url": f"https://{address}"}
    async with serving(folder / "var", scheme="https", host=address, **own, **public, **settings) as product:
        yield product


@asynccontextmanager
async def talking(product: Product, path: str, line: Line, turn: Relay) -> AsyncIterator[tuple[Meeting, Frames]]:
    """A counsellor beside the server, a seeker behind the firewall who believes the relay, and its page's frames."""
    pin = f"--ignore-certificate-errors-spki-list={turn.key_pin}"
    async with (
        chromium(path) as here,
        chromium(path, pin, prefix=line.prefix) as away,
        at_the_desk(product, COUNSELLOR) as desk,
    ):
        booking = await booked(desk, SEEKER)
        kim, jung = await host(here), await seeker(away)
        await jung.page.add_init_script(KEEP_CONNECTIONS)
        frames = Frames(jung.page)
        await told(jung, booking[1], RELAYED)
        yield await come_together(product, booking, (kim, COUNSELLOR), (jung, SEEKER)), frames


async def test_a_seeker_with_tcp_443_alone_talks_through_the_relay_even_when_that_is_started_anew(
    tmp_path: Path, chromium_path: str, needs: Callable[[Program], str]
) -> None:
    program, settings = needs(TURNSERVER), {"turn_secret": SECRET, "turn_lifetime_s": "60"}
    with behind(profiles()["company-firewall"]) as line, second_address(line) as address:
        async with AsyncExitStack() as first:
            turn = await first.enter_async_context(relay(program, tmp_path / "relay", address, [line.server(4)]))
            async with (
                on_443(tmp_path / "site", line.server(4), turn_urls=f'["{turn.url}"]', **settings) as product,
                talking(product, chromium_path, line, turn) as (room, frames),
            ):
                page = room.seeker.page
                await both_relayed(page)
                assert line.counts()[Way.UP][Cause.UDP_BLOCKED] > 0  # the direct way was tried, and led nowhere
                users = await page.evaluate(USERS)
                await until(frames.are_told_other_credentials, within_s=90)
                await first.aclose()
                async with relay(program, tmp_path / "relay", address, [line.server(4)]):
                    await all_others(page, users)
                    await together_again(room, COUNSELLOR, SEEKER)
                    await both_relayed(page)
                    await room.counsellor.leave_room("모두 끝내기")


async def test_without_a_relay_the_device_check_says_that_media_is_blocked_and_what_helps_and_lets_one_on(
    tmp_path: Path, chromium_path: str
) -> None:
    with behind(profiles()["company-firewall"]) as line:
        async with (
            on_443(tmp_path / "site", line.server(4)) as product,
            chromium(chromium_path, prefix=line.prefix) as away,
            at_the_desk(product, COUNSELLOR) as desk,
        ):
            _, link = await booked(desk, SEEKER)
            jung = await seeker(away)
            await jung.open(link)
            await jung.sees(BLOCKED)
            await jung.pass_device_check()
            await jung.waits()


async def test_on_a_line_that_lets_everything_through_the_device_check_says_so(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, COUNSELLOR) as desk:
        _, link = await booked(desk, SEEKER)
        await told(await seeker(browser), link, DIRECT)
