"""A conversation and its papers with a keyboard alone, for both sides."""

import re

from playwright.async_api import Browser, Locator, expect

from tests.e2e.desk import at_the_desk, at_the_sample_desk
from tests.e2e.keyboard import goes_to, has_a_place, is_on, presses, types
from tests.e2e.people import WITHIN_MS, Person, host, seeker
from tests.e2e.product import Product, SampleProduct
from tests.e2e.rooms import booked

MIC, CAMERA = ("마이크", "Space"), ("카메라", "Enter")


async def test_a_conversation_needs_nothing_but_a_keyboard(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "김서연") as desk:
        appointment, link = await booked(desk, "오민석")
        kim, oh = await host(browser), await seeker(browser)
        await oh.open(link)
        await presses(oh, oh.button("대기실로 들어가기"))
        await oh.waits()
        await kim.sign_in(product, "김서연")
        await kim.page.goto(f"{product.url}/room/{appointment}")
        await presses(kim, kim.button("들어가기"))
        await kim.sees("오민석 님이 기다리고 있습니다")
        await presses(kim, kim.button("입장 허용"))
        await expect(kim.button("입장 허용")).to_have_count(0, timeout=WITHIN_MS)
        await has_a_place(kim)  # the notice has gone with its answer
        await kim.sees_moving("오민석")

        for person in (kim, oh):
            await switches_devices(person)
        await talks(kim, oh)
        await raises_a_hand(kim, oh)
        await finds_the_others_in_the_menu(oh)
        await looks_things_up_and_returns(kim)
        await leaves(kim, oh)


async def test_a_seeker_goes_from_the_link_through_consent_into_the_room_by_keyboard(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "박준호") as desk:
        appointment, link = await booked(desk, "송다은", recording=True)
        park, song = await host(browser), await seeker(browser)
        await song.open(link)
        await answers_each_consent(song, "동의합니다")
        await presses(song, song.button("저장하고 다음으로"))
        await presses(song, song.button("대기실로 들어가기"))
        await song.waits()
        await park.sign_in(product, "박준호")
        await park.enter(product, appointment)
        await park.admit("송다은")
        await song.sees_moving("박준호")
        await has_a_place(song)
        await switches_devices(song)

        await presses(song, song.button("내 녹화 동의"))
        dialog = song.page.get_by_role("dialog")
        await expect(dialog.get_by_role("radio", name="동의합니다", exact=True, checked=True)).to_have_count(
            await dialog.get_by_role("radiogroup").count(), timeout=WITHIN_MS
        )
        await song.page.keyboard.press("Escape")
        await is_on(song.button("내 녹화 동의"))
        await park.leave_room("모두 끝내기")
        await song.sees("상담에 참여해 주셔서 고맙습니다")


async def answers_each_consent(person: Person, answer: str) -> None:
    """Nothing is chosen beforehand; Tab leads to each item, Space chooses."""
    items = person.page.get_by_role("radiogroup")
    await expect(items.first).to_be_visible(timeout=WITHIN_MS)
    await expect(person.page.get_by_role("radio", checked=True)).to_have_count(0)
    for item in await items.all():
        choice = item.get_by_role("radio", name=answer, exact=True)
        await presses(person, choice, "Space")
        await expect(choice).to_be_checked()


async def switches_devices(person: Person) -> None:
    for device, key in (MIC, CAMERA):
        await presses(person, person.button(f"{device} 켜짐, 누르면 꺼집니다"), key)
        off = person.button(f"{device} 꺼짐, 누르면 켜집니다")
        await is_on(off)  # the same control, with its new state in its name
        await person.page.keyboard.press(key)
        await is_on(person.button(f"{device} 켜짐, 누르면 꺼집니다"))


async def opens_chat(person: Person) -> tuple[Locator, Locator]:
    """The control that opened it, and the panel; the focus is in the panel."""
    control = person.button(re.compile("^채팅"))
    await presses(person, control)
    panel = person.page.get_by_role("complementary", name="채팅")
    await expect(panel.get_by_role("heading", name="채팅")).to_be_focused(timeout=WITHIN_MS)
    return control, panel


async def talks(kim: Person, oh: Person) -> None:
    control, panel = await opens_chat(oh)
    await goes_to(oh, panel.get_by_role("textbox"))
    await types(oh, "안녕하세요")
    await oh.page.keyboard.press("Enter")
    await expect(panel.get_by_role("log")).to_contain_text("안녕하세요", timeout=WITHIN_MS)
    await is_on(panel.get_by_role("textbox"))  # ready for the next line
    await oh.page.keyboard.press("Escape")
    await is_on(control)
    control, panel = await opens_chat(kim)
    await expect(panel.get_by_role("log")).to_contain_text("안녕하세요", timeout=WITHIN_MS)
    await presses(kim, panel.get_by_role("button", name="채팅 닫기"))
    await is_on(control)


async def raises_a_hand(kim: Person, oh: Person) -> None:
    await presses(oh, oh.button("손 들기"))
    await is_on(oh.button("손 내리기, 지금 손을 들고 있습니다"))
    people = kim.button(re.compile("^참가자"))
    await presses(kim, people)
    await presses(kim, kim.button("손 내려 주기"))
    await has_a_place(kim)  # the button has gone with the hand
    await expect(oh.button("손 들기")).to_be_visible(timeout=WITHIN_MS)
    await kim.page.keyboard.press("Escape")
    await is_on(people)


async def finds_the_others_in_the_menu(oh: Person) -> None:
    """On a phone the bar has no room for every panel; the focus returns to the menu that had it."""
    more = oh.button("더 보기")
    await presses(oh, more)
    await expect(oh.page.get_by_role("menu")).to_be_visible(timeout=WITHIN_MS)
    await oh.page.keyboard.press("End")
    await goes_to(oh, oh.page.get_by_role("menuitem", name="참가자"), key="ArrowUp")
    await oh.page.keyboard.press("Enter")
    panel = oh.page.get_by_role("complementary", name="참가자")
    await expect(panel.get_by_role("heading", name="참가자").first).to_be_focused(timeout=WITHIN_MS)
    await oh.page.keyboard.press("Escape")
    await is_on(more)


async def looks_things_up_and_returns(kim: Person) -> None:
    more = kim.button("더 보기")
    await presses(kim, more)
    await expect(kim.page.get_by_role("menu")).to_be_visible(timeout=WITHIN_MS)
    await kim.page.keyboard.press("ArrowDown")
    await expect(kim.page.get_by_role("menuitem", name="단축키")).to_be_focused()
    await kim.page.keyboard.press("Enter")
    dialog = kim.page.get_by_role("dialog", name="단축키")
    await expect(dialog).to_be_visible(timeout=WITHIN_MS)
    await kim.page.keyboard.press("Tab")
    await is_on(dialog.get_by_role("button", name="완료"))
    await kim.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await is_on(more)


async def leaves(kim: Person, oh: Person) -> None:
    way_out = oh.button("나가기")
    await presses(oh, way_out)
    dialog = oh.page.get_by_role("dialog", name="대화방에서 나갈까요?")
    await expect(dialog).to_be_visible(timeout=WITHIN_MS)
    await oh.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await is_on(way_out)
    await oh.page.keyboard.press("Enter")
    await presses(oh, dialog.get_by_role("button", name="나만 나가기"))
    await expect(oh.page.get_by_role("heading", name="대화방에서 나왔습니다")).to_be_focused(timeout=WITHIN_MS)
    await presses(kim, kim.button("나가기"))
    await presses(kim, kim.page.get_by_role("dialog").get_by_role("button", name="모두 끝내기"))
    await expect(kim.page.get_by_role("heading", name="마무리")).to_be_focused(timeout=WITHIN_MS)


async def test_a_summary_is_approved_and_a_note_signed_by_keyboard(samples: SampleProduct, browser: Browser) -> None:
    kim = await host(browser)
    async with at_the_sample_desk(samples, "김서연") as desk:
        unread = (await desk.when("/api/desk", lambda found: found["unapproved"]))["unapproved"][0]
        after = await desk.ask("GET", f"/api/appointments/{unread['appointment_id']}/after")
    await kim.sign_in_as(samples.product, *samples.account("김서연"))

    await kim.page.goto(f"{samples.product.url}/desk/summaries/{unread['id']}")
    await goes_to(kim, kim.page.get_by_label("1번째 줄", exact=True))
    await kim.page.keyboard.press("Control+End")
    await types(kim, " 모두 확인함.")
    await presses(kim, kim.button("승인"))
    await kim.sees("승인됨")
    await has_a_place(kim)  # the button has gone with the draft
    await kim.sees(re.compile("모두 확인함"))

    await kim.page.goto(f"{samples.product.url}/desk/notes/{after['notes'][0]['id']}")
    await goes_to(kim, kim.page.get_by_role("textbox", name="상담 내용"))
    await types(kim, "지원할 곳을 세 곳으로 좁혔다.")
    sign = kim.button("확정")
    await presses(kim, sign)
    question = kim.page.get_by_role("dialog", name="상담일지를 확정할까요?")
    await expect(question).to_be_visible(timeout=WITHIN_MS)
    await kim.page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    await is_on(sign)
    await kim.page.keyboard.press("Enter")
    await presses(kim, question.get_by_role("button", name="확정"))
    await kim.sees("확정된 상담일지")
    await has_a_place(kim)
