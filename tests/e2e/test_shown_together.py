"""What is looked at together: a document whose pages the host turns, and a shared tab with its sound."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browsers import chromium
from tests.e2e.desk import at_the_desk
from tests.e2e.papers import is_drawn
from tests.e2e.people import WITHIN_MS, Host, Person, Seeker, host, moves, seeker
from tests.e2e.product import Product
from tests.e2e.rooms import booked, meeting

PAGES = ("first words", "second words", "third words")

TAB = "A tab to share"
MOVING_AND_SOUNDING = f"""<title>{TAB}</title><canvas width=640 height=360></canvas><script>
    const sheet = document.querySelector("canvas").getContext("2d");
    const draw = (now) => {{
        sheet.fillStyle = `hsl(${{now / 10 % 360}} 80% 50%)`;
        sheet.fillRect(0, 0, 640, 360);
        requestAnimationFrame(draw);
    }};
    requestAnimationFrame(draw);
    const sound = new AudioContext(), tone = new OscillatorNode(sound, {{frequency: 440}});
    tone.connect(sound.destination);
    tone.start();
</script>"""
# What the page asks the browser for, as it asks it; the browser is asked all the same.
NOTE_THE_QUESTION = """() => {
    const ask = MediaDevices.prototype.getDisplayMedia;
    MediaDevices.prototype.getDisplayMedia = function (wish) { window.asked = wish; return ask.call(this, wish); };
}"""
# How the browser sends the next picture that it is given to send.
NOTE_THE_SENDER = """() => {
    const add = RTCPeerConnection.prototype.addTransceiver;
    RTCPeerConnection.prototype.addTransceiver = function (track, wish) {
        const line = add.call(this, track, wish);
        if (track.kind === "video") window.sender = line.sender;
        return line;
    };
}"""
HOW_IT_SENDS = "({hint: sender.track.contentHint, encodings: sender.getParameters().encodings})"
IS_SENT = "wanted => sender.getParameters().encodings[0].active === wanted"
# As if the person went to another tab, or came back.
LOOK = """state => {
    Object.defineProperty(document, "visibilityState", {configurable: true, value: state});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


async def written_pdf(browser: Browser, folder: Path) -> Path:
    """A PDF with a page for each of `PAGES`."""
    page = await browser.new_page()
    await page.set_content(
        "".join(f'<h1 style="break-after: page">{words}</h1>' for words in PAGES[:-1]) + f"<h1>{PAGES[-1]}</h1>"
    )
    path = folder / "job-guide.pdf"
    await page.pdf(path=path)
    await page.close()
    return path


async def sees_page(person: Person, number: int, before: str = "") -> str:
    """The sheet of this page is drawn, and its words are there for those who hear it; what it looks like."""
    sheet = person.page.get_by_role("group", name=f"job-guide {number}쪽")
    await expect(sheet).to_contain_text(PAGES[number - 1], timeout=WITHIN_MS)
    return await is_drawn(sheet, before)


async def test_everybody_looks_at_the_page_that_the_host_turned_to(
    product: Product, browser: Browser, tmp_path: Path
) -> None:
    async with at_the_desk(product, "김서연") as desk:
        kim, song = await host(browser), await seeker(browser)
        appointment, link = await booked(desk, "송다은")
        await kim.sign_in(product, "김서연")
        await kim.page.goto(f"{product.url}/desk/appointments/{appointment}")
        async with kim.page.expect_file_chooser() as choosing:
            await kim.press("PDF 올리기")
        await (await choosing.value).set_files(await written_pdf(browser, tmp_path))
        await kim.sees("3쪽")
        await together(product, kim, song, appointment, link)

        order = await kim.open_panel("상담 순서")
        await order.get_by_role("button", name="job-guide: 함께 보기").click()
        first = await sees_page(song, 1)
        await sees_page(kim, 1)
        await kim.press("다음 쪽")
        await sees_page(kim, 2)
        await sees_page(song, 2, first)
        await expect(song.button("다음 쪽")).to_have_count(0)
        await kim.press("다음 쪽")
        await song.page.reload()
        await sees_page(song, 3)
        await expect(kim.button("다음 쪽")).to_be_disabled()
        await song.sees_moving("김서연")
        await kim.page.get_by_role("figure").get_by_role("button", name="그만 보기").click()
        await expect(song.page.get_by_role("figure")).to_have_count(0, timeout=WITHIN_MS)
        await kim.leave_room("모두 끝내기")


async def together(product: Product, kim: Host, song: Seeker, appointment: str, link: str) -> None:
    """Both in the room."""
    await song.open(link)
    await song.pass_device_check()
    await song.waits()
    await kim.enter(product, appointment)
    await kim.admit("송다은")
    await song.sees_moving("김서연")


def choosing_the_tab(chromium_path: str) -> AbstractAsyncContextManager[Browser]:
    """A browser that really captures: its own chooser, with somebody who picks the tab, and tabs that are not mute."""
    picked = f"--auto-select-tab-capture-source-by-title={TAB}"
    return chromium(chromium_path, picked, without=["--use-fake-ui-for-media-stream", "--mute-audio"])


async def test_a_shared_tab_is_seen_and_heard_until_the_browser_ends_it(product: Product, chromium_path: str) -> None:
    async with choosing_the_tab(chromium_path) as browser, at_the_desk(product, "박준호") as desk:
        room = await meeting(product, browser, desk, "박준호", "윤가람")
        park, yun = room.counsellor, room.seeker
        other_tab = await park.page.context.new_page()
        await other_tab.set_content(MOVING_AND_SOUNDING)
        await park.page.bring_to_front()
        await park.page.evaluate(NOTE_THE_QUESTION)
        await park.page.evaluate(NOTE_THE_SENDER)
        await park.press("화면 공유 시작")
        await park.sees("내 화면을 공유하고 있습니다")
        await expect(yun.page.get_by_text("박준호 님이 공유한 화면")).to_be_visible(timeout=WITHIN_MS)
        await moves(yun.page.get_by_role("figure").locator("video"))
        await yun.hears(2)  # the voice and the tab
        asked = await park.page.evaluate("window.asked")
        assert asked["selfBrowserSurface"] == "exclude"
        assert asked["audio"]["echoCancellation"] is False
        sent = await park.page.evaluate(HOW_IT_SENDS)
        assert (sent["hint"], [encoding["maxFramerate"] for encoding in sent["encodings"]]) == ("detail", [8])

        await yun.page.evaluate(LOOK, "hidden")  # nobody looks any more: it is not even encoded
        await park.page.wait_for_function(IS_SENT, arg=False, timeout=WITHIN_MS)
        await yun.page.evaluate(LOOK, "visible")
        await park.page.wait_for_function(IS_SENT, arg=True, timeout=WITHIN_MS)
        await moves(yun.page.get_by_role("figure").locator("video"))

        await other_tab.close()  # the browser itself ends what it captures
        await expect(yun.page.get_by_role("figure")).to_have_count(0, timeout=WITHIN_MS)
        await expect(park.button("화면 공유 시작")).to_be_visible(timeout=WITHIN_MS)
        await yun.sees_moving("박준호")
        await park.leave_room("모두 끝내기")
