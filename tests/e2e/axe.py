"""What axe finds wrong with a page, in each look that people meet it in."""

from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.people import DESKTOP, PHONE, WITHIN_MS
from tests.e2e.product import ROOT

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
LOOKS = [("ko-KR", DESKTOP), ("ko-KR", PHONE), ("en-US", DESKTOP), ("en-US", PHONE)]


async def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]]


async def is_settled(page: Page) -> None:
    """The page has its heading and waits for nothing."""
    await expect(page.locator("h1").first).to_be_visible(timeout=WITHIN_MS)
    await page.wait_for_load_state("networkidle")


async def sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


async def speaks(page: Page, language: str) -> None:
    """The same page in this language, as whoever chose it on this device gets it."""
    await page.evaluate("language => localStorage.setItem('ieum.language', language)", language)
    await page.reload()


async def no_fault_in_any_look(page: Page) -> None:
    """The page at its address has no fault, and fits its window, in each language on desktop and phone."""
    for language in ("ko", "en"):
        await speaks(page, language)
        await is_settled(page)
        for size in (DESKTOP, PHONE):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            look = (page.url.split("#")[0], language, size["width"])
            assert (*look, await faults(page)) == (*look, [])
            assert not await sideways(page), look
