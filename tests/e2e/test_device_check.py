"""A seeker whose devices or whose browser will not do: told what is the matter and what helps, and never kept out."""

from dataclasses import dataclass
from urllib.parse import quote

from playwright.async_api import Browser, expect

from tests.browsers import chromium
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import at_the_desk
from tests.e2e.people import PHONE, WITHIN_MS, Host, Seeker, context, host, seeker
from tests.e2e.product import Product
from tests.e2e.rooms import booked

# The page asks as ever, and is answered for this kind of device as where there is none, or none free, until
# `window.refused` is emptied (W3C Media Capture, 10.3).
REFUSE = """
window.refused = {refused};
const ask = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = function (wish) {{
    const error = ["audio", "video"].filter((kind) => wish[kind]).map((kind) => window.refused[kind]).find(Boolean);
    return error === undefined ? ask.call(this, wish) : Promise.reject(new DOMException("", error));
}};
"""
MICROPHONE_WORKS, CAMERA_WORKS = "마이크 켜짐, 누르면 꺼집니다", "카메라 켜짐, 누르면 꺼집니다"


@dataclass(frozen=True)
class Trouble:
    """What a device answers, and what its owner is told."""

    name: str  # of whoever has it
    kind: str
    error: str
    title: str
    help: str

    @property
    def works(self) -> str:
        """The other device, which does."""
        return CAMERA_WORKS if self.kind == "audio" else MICROPHONE_WORKS


TROUBLES = (
    Trouble("무마이", "audio", "NotFoundError", "마이크를 찾지 못했습니다", "마이크 없이도 들어와"),
    Trouble("무카라", "video", "NotFoundError", "카메라를 찾지 못했습니다", "목소리로만 참여해도 됩니다"),
    Trouble("점마이", "audio", "NotReadableError", "다른 프로그램이 마이크를 쓰고 있습니다", "통화 프로그램을 닫은 뒤"),
    Trouble(
        "점카라", "video", "NotReadableError", "다른 프로그램이 카메라를 쓰고 있습니다", "카메라 프로그램을 닫은 뒤"
    ),
)
WITH_NOTHING = "무기기"


async def test_each_trouble_with_a_device_has_its_own_words_and_keeps_nobody_out(
    product: Product, browser: Browser, chromium_path: str
) -> None:
    without_devices = chromium(chromium_path, without=["--use-fake-device-for-media-stream"])
    async with at_the_desk(product, "박준호") as desk, without_devices as bare:
        people = {name: await desk.seeker(name) for name in (*(one.name for one in TROUBLES), WITH_NOTHING)}
        card = await desk.book("small_group", *people.values(), title="면접 준비 모임")
        for trouble in TROUBLES:
            person = await seeker(browser)
            await person.page.add_init_script(REFUSE.format(refused={trouble.kind: trouble.error}))
            await reaches_the_check(person, await desk.link(card, people[trouble.name]))
            await is_told(person, trouble)
            await person.page.context.close()

        nobody = await seeker(bare)
        await reaches_the_check(nobody, await desk.link(card, people[WITH_NOTHING]))
        for text in ("마이크를 찾지 못했습니다", "카메라를 찾지 못했습니다"):
            await nobody.sees(text)
        await has_no_fault(nobody.page)
        await nobody.pass_device_check()
        await nobody.waits()
        park = await host(browser)
        await park.sign_in(product, "박준호")
        await park.enter(product, card["id"])
        await all_the_same_takes_part(park, nobody)


async def reaches_the_check(person: Seeker, link: str) -> None:
    await person.open(link)
    await person.page.get_by_text("약속을 지키겠습니다.").click(timeout=WITHIN_MS)
    await person.press("다음으로")
    await expect(person.page.get_by_role("heading", name="기기 점검")).to_be_visible(timeout=WITHIN_MS)


async def is_told(person: Seeker, trouble: Trouble) -> None:
    """In words of its own, while the other device works and the way in is open; one press tries again."""
    await person.sees(trouble.title)
    await person.sees(trouble.help)
    await expect(person.button(trouble.works)).to_be_visible(timeout=WITHIN_MS)
    for other in {one.title for one in TROUBLES} - {trouble.title}:
        await expect(person.page.get_by_text(other)).to_have_count(0)
    await expect(person.button("대기실로 들어가기")).to_be_enabled()
    await has_no_fault(person.page)
    await person.page.evaluate("window.refused = {}")  # somebody plugged it in, or closed the other program
    await person.press("다시 시도")
    await expect(person.page.get_by_text(trouble.title)).to_have_count(0, timeout=WITHIN_MS)
    for works in (MICROPHONE_WORKS, CAMERA_WORKS):
        await expect(person.button(works)).to_be_visible(timeout=WITHIN_MS)


async def all_the_same_takes_part(park: Host, nobody: Seeker) -> None:
    """Sees and hears the others, and is read by them."""
    await park.admit(WITH_NOTHING)
    await nobody.sees_moving("박준호")
    await nobody.hears()
    await expect(park.face(WITH_NOTHING)).to_be_visible(timeout=WITHIN_MS)
    await nobody.says("마이크가 없어 글로 말씀드려요")
    chat = await park.open_panel("채팅")
    await expect(chat.get_by_text("마이크가 없어 글로 말씀드려요")).to_be_visible(timeout=WITHIN_MS)
    await park.leave_room("모두 끝내기")


ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Mobile"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
KAKAOTALK = f"{ANDROID} Safari/537.36 KAKAOTALK 10.8.0"
NAVER = "NAVER(inapp; search; 2000; 12.7.3)"


async def opened_inside_an_app(browser: Browser, user_agent: str, link: str) -> Seeker:
    """The link was pressed in a chat, and the app shows it itself."""
    person = Seeker(await (await context(browser, PHONE, user_agent=user_agent)).new_page())
    await person.open(link)
    await expect(person.page.get_by_role("heading", name="다른 브라우저에서 열어 주세요")).to_be_visible(
        timeout=WITHIN_MS
    )
    return person


async def test_inside_another_app_the_whole_link_can_be_taken_elsewhere_or_one_stays(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "정유나") as desk:
        _, link = await booked(desk, "송다은")
        kakaotalk = await opened_inside_an_app(browser, KAKAOTALK, link)
        out = kakaotalk.page.get_by_role("link", name="브라우저에서 열기")
        await expect(out).to_have_attribute("href", f"kakaotalk://web/openExternal?url={quote(link, safe='')}")
        assert await kakaotalk.copies("링크 복사하기") == link

        naver = await opened_inside_an_app(browser, f"{ANDROID} Safari/537.36 {NAVER}", link)
        out = naver.page.get_by_role("link", name="브라우저에서 열기")
        chrome = f"intent://{link.removeprefix('http://')}#Intent;scheme=http;package=com.android.chrome;end"
        await expect(out).to_have_attribute("href", chrome)
        assert await naver.copies("링크 복사하기") == link

        iphone = await opened_inside_an_app(browser, f"{IPHONE} {NAVER}", link)
        await expect(iphone.page.get_by_role("link", name="브라우저에서 열기")).to_have_count(0)  # there is no such way
        copied = await iphone.copies("링크 복사하기")
        elsewhere = await seeker(browser)
        await elsewhere.open(copied)
        await elsewhere.sees("기기 점검")
        await iphone.press("그래도 여기서 계속하기")
        await iphone.pass_device_check()
        await iphone.waits()


async def test_a_browser_that_cannot_hold_a_conversation_is_told_which_can(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "김서연") as desk:
        appointment, link = await booked(desk, "구형민")
        ku, kim = await seeker(browser), await host(browser)
        await kim.sign_in(product, "김서연")
        for person, address in ((ku, link), (kim, f"{product.url}/room/{appointment}")):
            await person.page.add_init_script("delete window.RTCPeerConnection;")
            await person.page.goto(address)
            await person.sees("이 브라우저에서는 화상 대화를 할 수 없습니다")
            await has_no_fault(person.page)
        assert await ku.copies("링크 복사하기") == link
