"""What a host does in the room, seen from both sides: refusing, removing, locking; and what is written down."""

import re

from playwright.async_api import Browser, Locator, expect

from tests.e2e.axe import has_no_fault
from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS, Host, Person, Seeker, host, seeker
from tests.e2e.product import Product
from tests.e2e.rooms import meeting

FIRST, SECOND, THIRD = "가온유", "나래주", "다솜이"
LATER = "정원이 차서 다음 시간에 모시겠습니다"
CALL_US = "소리가 계속 울려서 전화로 이어가겠습니다"


async def waiting(kim: Host) -> Locator:
    """Who waits, in the list that the host has beside the faces."""
    people = await kim.open_panel("참가자")
    lobby = people.locator("section").filter(has=kim.page.get_by_role("heading", name="대기 중"))
    return lobby.get_by_role("listitem")


async def wait_in_this_order(kim: Host, *names: str) -> None:
    await expect(await waiting(kim)).to_have_text([re.compile(f"^{name}거절") for name in names], timeout=WITHIN_MS)


async def reaches_the_door(person: Seeker, link: str) -> None:
    await person.open(link)
    await person.page.get_by_text("약속을 지키겠습니다.").click(timeout=WITHIN_MS)
    await person.press("다음으로")
    await person.pass_device_check()


async def test_a_host_refuses_locks_and_removes_and_everybody_is_told_kindly(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "김서연") as desk:
        people = {name: await desk.seeker(name) for name in (FIRST, SECOND, THIRD)}
        card = await desk.book("small_group", *people.values(), title="면접 연습 모임")
        links = {name: await desk.link(card, person) for name, person in people.items()}
        kim = await host(browser)
        first, second, third = [await seeker(browser) for _ in people]
        for person, name in ((first, FIRST), (second, SECOND)):
            await reaches_the_door(person, links[name])
            await person.waits()
        await kim.sign_in(product, "김서연")
        await kim.enter(product, card["id"])
        await wait_in_this_order(kim, FIRST, SECOND)
        await first.page.reload()
        await first.waits()
        await wait_in_this_order(kim, FIRST, SECOND)  # where they were before

        await is_refused(kim, second, SECOND, LATER)
        await wait_in_this_order(kim, FIRST)
        await second.press("다시 들어가기")
        await second.waits()
        await wait_in_this_order(kim, FIRST, SECOND)
        await kim.page.get_by_role("complementary", name="참가자").get_by_role("button", name="모두 입장 허용").click()
        await kim.sees_moving(FIRST)
        await kim.sees_moving(SECOND)

        await the_room_is_locked(kim, first, third, links[THIRD])
        await is_removed(kim, first, second, SECOND, CALL_US)
        await kim.leave_room("모두 끝내기")


async def says_why(kim: Host, button: Locator, title: str, confirm: str, reason: str) -> None:
    """A word that the other will read, and on with it."""
    await button.click(timeout=WITHIN_MS)
    dialog = kim.page.get_by_role("dialog", name=title)
    await dialog.get_by_label("이유 (선택)").fill(reason, timeout=WITHIN_MS)
    await has_no_fault(kim.page)
    await dialog.get_by_role("button", name=confirm).click()
    await expect(dialog).to_have_count(0, timeout=WITHIN_MS)


async def is_told(person: Person, title: str, *words: str) -> None:
    """A page that says what is the matter, and whom to call."""
    await expect(person.page.get_by_role("heading", name=title)).to_be_visible(timeout=WITHIN_MS)
    for text in (*words, "궁금한 점은 아래 번호로 전화해 주세요."):
        await person.sees(text)
    await expect(person.page.get_by_role("link", name=re.compile(r"^[\d-]+$"))).to_be_visible()
    await has_no_fault(person.page)


async def is_refused(kim: Host, person: Seeker, name: str, reason: str) -> None:
    refuse = kim.page.get_by_role("complementary").get_by_role("button", name=f"{name} 님 입장 거절")
    await says_why(kim, refuse, f"{name} 님의 입장을 거절할까요?", "입장 거절", reason)
    await is_told(person, "지금은 들어갈 수 없습니다", f"담당자의 말: {reason}")


async def the_room_is_locked(kim: Host, inside: Seeker, late: Seeker, link: str) -> None:
    """Nobody new comes to the door; who has a seat comes back to it, and afterwards all is as before."""
    people = kim.page.get_by_role("complementary", name="참가자")
    await people.get_by_role("button", name="새 입장 막기").click()
    await expect(inside.page.get_by_role("img", name="새 입장이 막혀 있음")).to_be_visible(timeout=WITHIN_MS)
    await reaches_the_door(late, link)
    await is_told(
        late, "지금은 새로 들어갈 수 없습니다", "담당자가 새 입장을 잠시 막았습니다. 조금 뒤 다시 시도해 주세요."
    )
    await expect(await waiting(kim)).to_have_count(0)
    await inside.page.reload()
    await inside.sees_moving("김서연")
    await people.get_by_role("button", name="새 입장 다시 받기").click()
    await late.press("다시 들어가기")
    await late.waits()
    await wait_in_this_order(kim, THIRD)


async def is_removed(kim: Host, other: Seeker, person: Seeker, name: str, reason: str) -> None:
    """Out at once, for everybody; and the way back leads through the lobby."""
    remove = kim.page.get_by_role("complementary").get_by_role("button", name=f"{name} 님 내보내기")
    await says_why(kim, remove, f"{name} 님을 내보낼까요?", "내보내기", reason)
    await is_told(person, "대화방에서 나오게 되었습니다", f"담당자의 말: {reason}")
    await expect(other.face(name)).to_have_count(0, timeout=WITHIN_MS)
    await person.press("다시 들어가기")
    await person.waits()
    await wait_in_this_order(kim, THIRD, name)
    await expect(other.face(name)).to_have_count(0)


NOTE = "이직 사유를 물을 때 표정이 굳었다. 다음에 천천히"
TO_KEEP, SMALL_TALK = "사회복지사 1급 시험은 1월에 봅니다", "오늘 날씨가 춥네요"
STEP, DROPPED = "자기소개서 첫 문단 고쳐 오기", "적어 두었다가 뺀 일"


async def test_what_a_host_writes_down_in_the_room_reaches_the_draft_or_stays_private(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "박준호") as desk:
        room = await meeting(product, browser, desk, "박준호", "윤가람")
        park, yun = room.counsellor, room.seeker
        for text in (TO_KEEP, SMALL_TALK):
            await yun.says(text)
        chat = await park.open_panel("채팅")
        line = chat.get_by_role("listitem").filter(has_text=TO_KEEP)
        await line.get_by_role("button", name="이 글을 요약에 넣기").click(timeout=WITHIN_MS)
        await expect(line.get_by_role("button", name="이 글을 요약에서 빼기")).to_be_visible(timeout=WITHIN_MS)

        await writes_a_note(park)
        await park.page.reload()
        notes = await park.open_panel("메모, 다음 할 일")
        await expect(notes.get_by_label("내 메모")).to_have_value(NOTE, timeout=WITHIN_MS)
        await agrees_on(notes, STEP, "2031-03-02")
        await agrees_on(notes, DROPPED)
        await notes.get_by_role("button", name=f"다음 할 일에서 빼기: {DROPPED}").click()
        await expect(notes.get_by_text(DROPPED)).to_have_count(0, timeout=WITHIN_MS)
        await sees_the_next_step(yun)
        await park.leave_room("모두 끝내기")
        await yun.sees("상담에 참여해 주셔서 고맙습니다")

        after = f"/api/appointments/{room.appointment}/after"
        summary = (await desk.when(after, lambda made: made["summary"]))["summary"]["id"]
        await park.page.goto(f"{product.url}/desk/summaries/{summary}")
        for text in (TO_KEEP, STEP):
            await park.sees(text)
        for text in (SMALL_TALK, DROPPED, NOTE):
            await expect(park.page.get_by_text(text)).to_have_count(0)
        await park.page.goto(f"{product.url}/desk/appointments/{room.appointment}/after")
        await park.press("윤가람 님 상담일지 열기")  # the private words are where the author goes on with them
        await expect(park.page.get_by_role("textbox", name="상담 내용")).to_have_value(NOTE, timeout=WITHIN_MS)


async def writes_a_note(park: Host) -> None:
    """It saves itself."""
    notes = await park.open_panel("메모, 다음 할 일")
    await expect(notes.get_by_text("나만 볼 수 있고 자동으로 저장됩니다.")).to_be_visible()
    await notes.get_by_label("내 메모").fill(NOTE, timeout=WITHIN_MS)
    await expect(notes.get_by_text("저장하는 중")).to_have_count(0, timeout=WITHIN_MS)
    await expect(notes.get_by_text("저장됨")).to_be_visible(timeout=WITHIN_MS)


async def agrees_on(notes: Locator, step: str, due: str = "") -> None:
    await notes.get_by_label("할 일", exact=True).fill(step)
    await notes.get_by_label("기한 (선택)").fill(due)
    await notes.get_by_role("button", name="추가").click()
    await expect(notes.get_by_role("listitem").filter(has_text=step)).to_be_visible(timeout=WITHIN_MS)


async def sees_the_next_step(yun: Seeker) -> None:
    """And nothing of what the host noted."""
    await yun.press("채팅 닫기")
    await yun.press("더 보기")
    await yun.page.get_by_role("menuitem", name="상담 순서").click(timeout=WITHIN_MS)
    panel = yun.page.get_by_role("complementary", name="상담 순서")
    await expect(panel.get_by_role("listitem").filter(has_text=STEP)).to_contain_text("2031년 3월 2일 일요일까지")
    for text in (NOTE, DROPPED):
        await expect(yun.page.get_by_text(text)).to_have_count(0)
