"""The live board: a lead looks after the rooms of the day, an operator empties a node; neither page has a fault."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.axe import LOOKS, faults, sideways
from tests.e2e.desk import at_the_desk
from tests.e2e.people import DESKTOP, WITHIN_MS, Host, context
from tests.e2e.product import PASSWORD, Product, email_of, serving
from tests.e2e.rooms import meeting, together_again


async def board_of(product: Product, browser: Browser, name: str, look: tuple[str, dict[str, int]]) -> Host:
    lang, size = look
    profile = await context(browser, size, lang)
    credentials = {"email": email_of(name), "password": PASSWORD}
    assert (await profile.request.post(f"{product.url}/api/session", data=credentials)).ok
    somebody = Host(await profile.new_page())
    await somebody.page.goto(f"{product.url}/desk/board")
    await expect(somebody.page.locator("h1").first).to_be_visible(timeout=WITHIN_MS)
    return somebody


async def test_the_board_follows_a_room_from_one_node_to_another(tmp_path: Path, browser: Browser) -> None:
    async with serving(tmp_path / "var", nodes="2") as product, at_the_desk(product, "김서연") as desk:
        room = await meeting(product, browser, desk, "김서연", "송다은")
        lead = await board_of(product, browser, "관리자", LOOKS[0])
        card = lead.page.get_by_role("region").or_(lead.page.locator("section")).filter(has_text="송다은").first
        await expect(card).to_contain_text("참여 2명, 대기 0명", timeout=WITHIN_MS)
        await expect(card.get_by_text("왕복").first).to_be_visible(timeout=WITHIN_MS)

        await a_seat_opens_into_its_tracks(lead)

        operator = await board_of(product, browser, "운영자", LOOKS[0])
        section = operator.page.locator("section").filter(has=operator.page.get_by_text("참여 2명, 대기 0명"))
        await expect(section.first).to_be_visible(timeout=WITHIN_MS)
        await expect(operator.page.get_by_text("송다은")).to_have_count(0)
        for look in LOOKS:
            await looked_at(product, browser, "관리자", look)
            await looked_at(product, browser, "운영자", look)

        name = await section.first.get_by_role("heading").inner_text()
        other = {"node-0": "node-1", "node-1": "node-0"}[name]
        await section.first.get_by_role("button", name="비우기").click()
        dialog = operator.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("지금 있는 대화방 1개는")
        assert await faults(operator.page) == []
        await dialog.get_by_role("button", name="비우기").click()
        emptied = operator.page.locator("section").filter(has=operator.page.get_by_role("heading", name=name))
        await expect(emptied.get_by_text("비우는 중")).to_be_visible(timeout=WITHIN_MS)
        filled = operator.page.locator("section").filter(has=operator.page.get_by_role("heading", name=other))
        await expect(filled.get_by_text("참여 2명, 대기 0명")).to_be_visible(timeout=WITHIN_MS)
        await together_again(room, "김서연", "송다은")
        assert await faults(operator.page) == []
        await emptied.get_by_role("button", name="다시 방 받기").click()
        await expect(emptied.get_by_text("새 방을 받는 중")).to_be_visible(timeout=WITHIN_MS)
        await room.counsellor.leave_room("모두 끝내기")


async def a_seat_opens_into_its_tracks(lead: Host) -> None:
    """What comes from the seeker and what goes there, by the camera's and the microphone's own figures."""
    await lead.page.get_by_text("트랙별로 보기").last.click()
    opened = lead.page.locator("details[open]")
    await expect(opened).to_have_count(1)
    for title, tracks in (("보내는 것", ("카메라", "마이크")), ("받는 것", ("· 카메라", "· 마이크"))):
        direction = opened.locator("div").filter(has=lead.page.get_by_role("heading", name=title, exact=True)).last
        for track in tracks:
            row = direction.get_by_role("listitem").filter(has_text=track).first
            await expect(row).to_contain_text("kbit/s", timeout=WITHIN_MS)
    assert await faults(lead.page) == []


async def looked_at(product: Product, browser: Browser, name: str, look: tuple[str, dict[str, int]]) -> None:
    somebody = await board_of(product, browser, name, look)
    await expect(somebody.page.get_by_text(re.compile("참여 2명|2 inside")).first).to_be_visible(timeout=WITHIN_MS)
    opens = somebody.page.get_by_text(re.compile("트랙별로 보기|Track by track"))
    for number in range(await opens.count()):
        await opens.nth(number).click()
        received = somebody.page.get_by_role("heading", name=re.compile("받는 것|Receives"), exact=True)
        await expect(received).to_have_count(number + 1, timeout=WITHIN_MS)
    assert await faults(somebody.page) == []
    assert not await sideways(somebody.page)
    await somebody.page.context.close()


@pytest.mark.parametrize("name", ["김서연", "최유진"])
async def test_who_looks_after_no_rooms_is_offered_no_board(product: Product, browser: Browser, name: str) -> None:
    somebody = Host(await (await context(browser, DESKTOP, "ko-KR")).new_page())
    await somebody.sign_in(product, name)
    await expect(somebody.page.get_by_role("link", name="오늘")).to_be_visible(timeout=WITHIN_MS)
    await expect(somebody.page.get_by_role("link", name="실시간 현황")).to_have_count(0)
