"""A small group in which somebody signs: a counsellor who speaks, a signer, two more, and a seeker behind a line.

Counsellor and seeker are in browsers; the others are guests without one, whose cameras send layers all the same.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.bad_network.line import Line
from tests.browsers import chromium
from tests.e2e.desk import Desk, at_the_desk
from tests.e2e.people import DESKTOP, PHONE, WITHIN_MS, Host, Seeker, context
from tests.e2e.product import Product, serving_https
from tests.e2e.test_group import accepts_the_rules_as
from tests.layered_guest import layered_guest
from tests.received import REMEMBER, Received

COUNSELLOR, SIGNER, SEEKER = "김서연", "나무", "송다은"
OTHERS = ("바다", "하늘")
GUESTS = (SIGNER, *OTHERS)
SEEN_BY_SEEKER = (SIGNER, COUNSELLOR, *OTHERS)


@dataclass
class SigningGroup:
    """Their pages; what these receive can be asked."""

    counsellor: Host
    seeker: Seeker


@asynccontextmanager
async def signing_group(line: Line, folder: Path, path: str, *arguments: str) -> AsyncIterator[SigningGroup]:
    """All in one room, who signs is marked, the seeker sees everybody move; `arguments` are Chromium's."""
    arguments = ("--ignore-certificate-errors", *arguments)
    async with AsyncExitStack() as stack:
        product = await stack.enter_async_context(serving_https(folder, line.server(4)))
        here = await stack.enter_async_context(chromium(path, *arguments))
        away = await stack.enter_async_context(chromium(path, *arguments, prefix=line.prefix))
        desk = await stack.enter_async_context(at_the_desk(product, COUNSELLOR))
        appointment, links = await _booked(desk)
        for name in GUESTS:
            await stack.enter_async_context(layered_guest(product.url, links[name], name))
        group = SigningGroup(Host(await _page(here, DESKTOP)), Seeker(await _page(away, PHONE)))
        await _come_together(product, group, appointment, links[SEEKER])
        yield group


async def _booked(desk: Desk) -> tuple[str, dict[str, str]]:
    """The group's id, and links by name."""
    people = {name: await desk.seeker(name) for name in (*GUESTS, SEEKER)}
    card = await desk.book("small_group", *people.values(), title="수어 통역이 있는 소그룹")
    return card["id"], {name: await desk.link(card, person) for name, person in people.items()}


async def _page(browser: Browser, size: dict[str, int]) -> Page:
    profile = await context(browser, size)
    await profile.add_init_script(REMEMBER)
    return await profile.new_page()


async def _come_together(product: Product, group: SigningGroup, appointment: str, link: str) -> None:
    kim, song = group.counsellor, group.seeker
    await song.open(link)
    await accepts_the_rules_as(song, SEEKER)
    await song.pass_device_check()
    await song.waits()
    await kim.sign_in(product, COUNSELLOR)
    await kim.enter(product, appointment)
    await kim.sees(f"{len(GUESTS) + 1}명이 기다리고 있습니다")
    await kim.press("모두 입장 허용")
    people = await kim.open_panel("참가자")
    await people.get_by_role("button", name=f"{SIGNER} 님 통역 표시").click(timeout=WITHIN_MS)
    await expect(song.face(SIGNER)).to_contain_text("통역", timeout=WITHIN_MS)
    await see_all(song, SEEN_BY_SEEKER)
    await Received.by(song.page)  # while all are shown it is learnt whose picture is whose


async def see_all(person: Seeker, names: Sequence[str]) -> None:
    """Wait until the pictures of all of these move."""
    for name in names:
        await person.sees_moving(name)
