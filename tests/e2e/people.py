"""People at their browsers, described by what they see and press. Everything is found by role and name."""

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.e2e.product import PASSWORD, Product, email_of

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
WITHIN_MS = 45_000  # generous: two cores may carry several browsers

# Whether a <video> shows new frames within a few seconds; measured in the page, so that nothing waits here.
MOVES = """async (video) => {
    const count = () => video.getVideoPlaybackQuality().totalVideoFrames;
    const before = count(), until = performance.now() + 4000;
    while (count() - before < 5 && performance.now() < until) await new Promise(requestAnimationFrame);
    return count() - before >= 5;
}"""

# How many sounds play here of which something is heard; waits until so many do.
SOUNDS = """async (wanted) => {
    const listening = new AudioContext(), samples = new Float32Array(2048), ears = new Map(), heard = new Set();
    const until = performance.now() + 30000;
    while (heard.size < wanted && performance.now() < until) {
        for (const {srcObject, paused} of document.querySelectorAll("audio")) {
            if (srcObject === null || paused) continue;
            if (!ears.has(srcObject)) {
                ears.set(srcObject, new AnalyserNode(listening, {fftSize: 2048}));
                listening.createMediaStreamSource(srcObject).connect(ears.get(srcObject));
            }
            ears.get(srcObject).getFloatTimeDomainData(samples);
            if (samples.some((sample) => Math.abs(sample) > 0.01)) heard.add(srcObject);
        }
        await new Promise((next) => setTimeout(next, 50));
    }
    await listening.close();
    return heard.size;
}"""


async def moves(video: Locator, within_ms: int = 2 * WITHIN_MS) -> None:
    """Wait until this picture moves; it may be taken off and put on again meanwhile, as after a repair."""
    async with asyncio.timeout(within_ms / 1000):
        while True:
            await expect(video).to_have_count(1, timeout=within_ms)
            with contextlib.suppress(Error):  # it was just replaced
                if await video.evaluate(MOVES, timeout=5000):
                    return


@dataclass
class Person:
    """Somebody in front of a page."""

    page: Page

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button by its whole name, or by a pattern."""
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    async def press(self, name: str | re.Pattern[str]) -> None:
        """Press the (first) button of this name."""
        await self.button(name).first.click(timeout=WITHIN_MS)

    async def press_link(self, name: str | re.Pattern[str]) -> None:
        """Follow the (first) link of this name."""
        link = self.page.get_by_role("link", name=name, exact=isinstance(name, str))
        await link.first.click(timeout=WITHIN_MS)

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until this text is on the page."""
        await expect(self.page.get_by_text(text).first).to_be_visible(timeout=WITHIN_MS)

    async def copies(self, button: str, done: str = "복사했습니다.") -> str:
        """Press this button, which says that it copied; what is in the clipboard then."""
        await self.page.context.grant_permissions(["camera", "microphone", "clipboard-read", "clipboard-write"])
        await self.page.evaluate("navigator.clipboard.writeText('')")
        await self.press(button)
        copied = await self.page.wait_for_function("navigator.clipboard.readText()", timeout=WITHIN_MS)
        await self.sees(done)
        return str(await copied.json_value())

    def face(self, name: str) -> Locator:
        """The tile of somebody in the room."""
        return self.page.get_by_role("list", name="참가자 화면").get_by_role("listitem").filter(has_text=name)

    async def sees_moving(self, name: str) -> None:
        """Wait until the picture of this person moves."""
        await moves(self.face(name).locator("video"))

    async def hears(self, sounds: int = 1) -> None:
        """Wait until something is heard of so many sounds at once: voices, and the sound of a shared screen."""
        assert await self.page.evaluate(SOUNDS, sounds) == sounds

    async def open_panel(self, name: str) -> Locator:
        """The panel of this name beside the faces, opened if it is not there yet."""
        panel = self.page.get_by_role("complementary", name=name)
        if not await panel.count():
            await self.button(re.compile(f"^{re.escape(name)}")).first.click(timeout=WITHIN_MS)
        await expect(panel).to_be_visible(timeout=WITHIN_MS)
        return panel

    async def says(self, text: str, to: str | None = None) -> None:
        """Write in the chat; staff choose to whom."""
        chat = await self.open_panel("채팅")
        if to is not None:
            await chat.get_by_role("tab", name=to, exact=True).click()
        await chat.get_by_role("textbox").fill(text)
        await chat.get_by_role("button", name="보내기").click()
        await expect(chat.get_by_role("log").get_by_text(text)).to_be_visible(timeout=WITHIN_MS)

    async def answer_own_consent(self, answer: str) -> None:
        """동의합니다 or 동의하지 않습니다 to each item of one's own recording, in the room."""
        await self.press("내 녹화 동의")
        dialog = self.page.get_by_role("dialog")
        choices = dialog.get_by_text(answer, exact=True)
        await choices.first.wait_for(timeout=WITHIN_MS)
        for choice in await choices.all():
            await choice.click()
        await dialog.get_by_role("button", name="답변 저장").click()
        await expect(dialog).to_have_count(0, timeout=WITHIN_MS)

    async def leave_room(self, how: str) -> None:
        """나만 나가기 or 모두 끝내기."""
        await self.press("나가기")
        await self.page.get_by_role("dialog").get_by_role("button", name=how, exact=True).click(timeout=WITHIN_MS)


class Host(Person):
    """A counsellor or an interviewer."""

    async def sign_in(self, product: Product, name: str) -> None:
        """From the first page to the desk."""
        await self.sign_in_as(product, email_of(name), PASSWORD)

    async def sign_in_as(self, product: Product, email: str, password: str) -> None:
        """The same with an account that is no test's."""
        await self.page.goto(product.url)
        await self.page.get_by_label("이메일").fill(email, timeout=WITHIN_MS)
        await self.page.get_by_label("비밀번호").fill(password)
        await self.page.keyboard.press("Enter")
        await self.sees(re.compile(r"대기 \d+ · 곧 시작 \d+ · 미승인 요약 \d+"))

    async def enter(self, product: Product, appointment: str) -> None:
        """Through one's own door into the room."""
        await self.page.goto(f"{product.url}/room/{appointment}")
        await self.press("들어가기")
        await expect(self.page.get_by_role("list", name="참가자 화면")).to_be_visible(timeout=WITHIN_MS)

    async def bookmark(self, text: str) -> None:
        """Mark this moment, with a word about it."""
        await self.press("메모, 다음 할 일")
        await self.page.get_by_label("설명 (선택)").fill(text)
        await self.press("표시")
        await self.sees(text)

    async def admit(self, name: str) -> None:
        """Let somebody in who waits."""
        await self.sees(f"{name} 님이 기다리고 있습니다")
        await self.press("입장 허용")


class Seeker(Person):
    """Somebody with a link and nothing else."""

    async def open(self, link: str) -> None:
        """Follow the link."""
        await self.page.goto(link)

    async def answer_consents(self, answer: str) -> None:
        """동의합니다 or 동의하지 않습니다, to each item; then on."""
        choices = self.page.get_by_text(answer, exact=True)
        await choices.first.wait_for(timeout=WITHIN_MS)
        for choice in await choices.all():
            await choice.click()
        await self.press("저장하고 다음으로")

    async def pass_device_check(self) -> None:
        """From the device check into the lobby."""
        await self.press("대기실로 들어가기")

    async def waits(self) -> None:
        """Until the lobby is there."""
        await expect(self.page.get_by_role("heading", name="대기실")).to_be_visible(timeout=WITHIN_MS)


async def context(browser: Browser, size: dict[str, int], lang: str = "ko-KR", **more: Any) -> BrowserContext:
    """A browser profile of its own, with devices allowed."""
    return await browser.new_context(
        locale=lang,
        viewport={"width": size["width"], "height": size["height"]},
        permissions=["camera", "microphone"],
        ignore_https_errors=True,
        **more,
    )


async def host(browser: Browser) -> Host:
    """A host at a desktop."""
    return Host(await (await context(browser, DESKTOP)).new_page())


async def seeker(browser: Browser) -> Seeker:
    """A seeker with a phone-sized window."""
    return Seeker(await (await context(browser, PHONE)).new_page())
