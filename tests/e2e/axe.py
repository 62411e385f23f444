"""What axe finds wrong with a page, in each look that people meet it in."""

import itertools
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.people import DESKTOP, PHONE, WITHIN_MS
from tests.e2e.product import ROOT

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
LOADING = re.compile(r"^(불러오는 중입니다|Loading)\.$")
LOOKS = [("ko-KR", DESKTOP), ("ko-KR", PHONE), ("en-US", DESKTOP), ("en-US", PHONE)]

PICTURES = os.environ.get("SCREEN_PICTURES")  # a folder, for whoever wants to look at what axe looks at
TITLE = """() => {
    const dialog = [...document.querySelectorAll("[role=alertdialog], [role=dialog]")].at(-1);
    return (dialog?.querySelector("h2") ?? document.querySelector("h1"))?.innerText ?? "";
}"""
_numbers = itertools.count(1)


async def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    if PICTURES:
        async for _ in on_desktop_and_phone(page):
            await picture(page)
    return await violations(page)


async def has_no_fault(page: Page) -> None:
    """The page as it is now has no fault, and fits its window, on desktop and on phone."""
    async for size in on_desktop_and_phone(page):
        await picture(page)
        found = await violations(page)
        assert not found, (size["width"], found)
        assert not await sideways(page), size


async def violations(page: Page) -> list[str]:
    """Which rule each thing breaks, and where it is."""
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]]


async def on_desktop_and_phone(page: Page) -> AsyncIterator[dict[str, int]]:
    """The same page in both windows, one after the other; then in its own again."""
    own = page.viewport_size
    for size in (DESKTOP, PHONE):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        yield size
    if own is not None:
        await page.set_viewport_size(own)


async def picture(page: Page) -> None:
    """Write it where somebody wants to look, under the names of the test and of the screen."""
    if PICTURES and page.viewport_size:
        test = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].split(" ")[0]
        parts = (test[:80], f"{next(_numbers):03}", (await page.evaluate(TITLE))[:30], str(page.viewport_size["width"]))
        name = "-".join(re.sub(r"\W+", "-", part).strip("-") for part in parts)
        whole = await page.get_by_role("dialog").or_(page.get_by_role("alertdialog")).count() == 0  # it dims a window
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=whole, animations="disabled")


async def is_settled(page: Page) -> None:
    """The page has its heading, and waits for no content and no font."""
    await expect(page.locator("h1").first).to_be_visible(timeout=WITHIN_MS)
    await expect(page.get_by_text(LOADING)).to_have_count(0, timeout=WITHIN_MS)
    await page.evaluate("() => document.fonts.ready.then(() => undefined)")


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
            await picture(page)
            assert (*look, await violations(page)) == (*look, [])
            assert not await sideways(page), look
