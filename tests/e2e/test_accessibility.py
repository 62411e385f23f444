"""Every screen without an axe violation, in both languages, on desktop and phone; and the seeker's way by keyboard."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.axe import LOOKS, faults, is_settled, sideways
from tests.e2e.desk import around_now
from tests.e2e.people import WITHIN_MS, Host, Seeker, context, host, seeker
from tests.e2e.product import SampleProduct

IN_KAKAOTALK = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36 KAKAOTALK 10.4.5"


async def fetched(page: Page, path: str) -> Any:
    return await page.evaluate("path => fetch(path).then(answer => answer.json())", path)


async def desk_screens(page: Page) -> list[str]:
    """Addresses of a counsellor's screens, with the samples' ids."""
    cards = await fetched(page, around_now())
    group = next(card for card in cards if card["kind"] == "small_group")
    done = next(card for card in cards if card["status"] == "completed")
    async with asyncio.timeout(WITHIN_MS / 1000):  # its summary is drafted soon after the start
        while not (after := await fetched(page, f"/api/appointments/{done['id']}/after"))["summary"]:
            await asyncio.sleep(0.5)
    guest = next(seat for seat in done["seats"] if not seat["staff"])
    case = (await fetched(page, f"/api/seekers/{guest['person_id']}"))["seeker"]["case_id"]
    return [
        "/desk",
        "/desk/seekers",
        "/desk/book",
        "/desk/appointments",
        f"/desk/appointments/{group['id']}",
        f"/desk/appointments/{group['id']}/roster",
        f"/desk/appointments/{done['id']}/after",
        f"/desk/cases/{case}",
        f"/desk/recordings/{after['recording']['id']}",
        f"/desk/summaries/{after['summary']['id']}",
        f"/desk/notes/{after['notes'][0]['id']}",
    ]


async def employer_screens(page: Page) -> list[str]:
    """Addresses of an employer's screens."""
    desk = await fetched(page, "/api/desk")
    posting = (await fetched(page, "/api/postings"))[0]["id"]
    due = desk["scorecards_due"][0]["appointment_id"]
    return [
        "/desk",
        "/desk/postings",
        "/desk/postings/new",
        f"/desk/postings/{posting}",
        f"/desk/postings/{posting}/edit",
        f"/desk/postings/{posting}/book",
        f"/desk/appointments/{due}/scorecard",
    ]


STAFF = [("김서연", desk_screens), ("이정민", employer_screens)]


@pytest.mark.parametrize(("lang", "size"), LOOKS)
@pytest.mark.parametrize(("who", "screens"), STAFF, ids=["counsellor", "employer"])
async def test_no_screen_of_the_desk_has_a_fault(
    samples: SampleProduct, browser: Browser, who: str, screens: Any, lang: str, size: dict[str, int]
) -> None:
    profile = await context(browser, size, lang)
    staff = Host(await profile.new_page())
    await staff.page.goto(samples.product.url)
    await is_settled(staff.page)
    assert await faults(staff.page) == []
    email, password = samples.account(who)
    credentials = {"email": email, "password": password}
    signed_in = await profile.request.post(f"{samples.product.url}/api/session", data=credentials)
    assert signed_in.ok
    for path in await screens(staff.page):
        await staff.page.goto(samples.product.url + path)
        await is_settled(staff.page)
        assert (path, await faults(staff.page)) == (path, [])
        assert not await sideways(staff.page), path
    await profile.close()


@pytest.mark.parametrize(("lang", "size"), LOOKS)
async def test_no_screen_of_the_seeker_has_a_fault(
    samples: SampleProduct, browser: Browser, lang: str, size: dict[str, int]
) -> None:
    profile = await context(browser, size, lang)
    for address in (
        samples.link("정하늘"),
        samples.link("강민재"),
        samples.link("송다은"),
        samples.link("송다은")[:-4],
    ):
        page = await profile.new_page()
        await page.goto(address)
        await is_settled(page)
        assert (address.split("#")[0], await faults(page)) == (address.split("#")[0], [])
        assert not await sideways(page)
        await page.close()
    await profile.close()
    in_app = await context(browser, size, lang, user_agent=IN_KAKAOTALK)
    page = await in_app.new_page()
    await page.goto(samples.link("송다은"))
    await is_settled(page)
    assert await faults(page) == []
    await in_app.close()


async def test_no_screen_of_the_room_has_a_fault_for_either_side(samples: SampleProduct, browser: Browser) -> None:
    kim, song = await host(browser), await seeker(browser)
    await song.open(samples.link("송다은"))
    await song.pass_device_check()
    await song.waits()
    assert await faults(song.page) == []
    await kim.sign_in_as(samples.product, *samples.account("김서연"))
    await kim.press_link(re.compile("송다은.*들어가기"))
    await kim.press("들어가기")
    await kim.sees("송다은 (견본) 님이 기다리고 있습니다")
    assert await faults(kim.page) == []
    await kim.press("입장 허용")
    await kim.sees_moving("송다은")
    for panel in ("상담 순서", "채팅", "참가자", "메모, 다음 할 일"):
        if await kim.button(panel).count():
            await kim.press(panel)
        assert (panel, await faults(kim.page)) == (panel, [])
    assert await faults(song.page) == []
    await song.press("더 보기")
    await song.page.get_by_role("menuitem", name="도움 받기").click(timeout=WITHIN_MS)
    await number_to_call_is_there(song)
    await song.press("나가기")
    await number_to_call_is_there(song)
    await kim.leave_room("모두 끝내기")
    await song.sees("상담에 참여해 주셔서 고맙습니다")
    assert await faults(song.page) == []


async def number_to_call_is_there(person: Seeker) -> None:
    """In the open dialog, which has no fault; then closed."""
    dialog = person.page.get_by_role("dialog")
    await expect(dialog.get_by_role("link", name=re.compile(r"^[\d-]+$"))).to_be_visible(timeout=WITHIN_MS)
    assert await faults(person.page) == []
    await person.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def focus_on(person: Seeker, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(60):
        await person.page.keyboard.press("Tab")
        if name in await person.page.evaluate("document.activeElement.innerText ?? ''"):
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


async def test_a_seeker_reaches_the_lobby_by_keyboard_alone(samples: SampleProduct, browser: Browser) -> None:
    oh = await seeker(browser)
    await oh.open(samples.link("강민재"))
    await is_settled(oh.page)
    agreement = oh.page.get_by_role("checkbox")
    await focus_on_role(oh, agreement)
    await oh.page.keyboard.press("Space")
    await focus_on(oh, "다음으로")
    await oh.page.keyboard.press("Enter")
    await oh.sees("기기 점검")
    await focus_on(oh, "대기실로 들어가기")
    await oh.page.keyboard.press("Enter")
    await oh.waits()


async def focus_on_role(person: Seeker, control: Any) -> None:
    for _ in range(60):
        await person.page.keyboard.press("Tab")
        if await control.evaluate("(node) => node === document.activeElement"):
            return
    raise AssertionError("the control cannot be reached by keyboard")
