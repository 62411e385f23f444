"""Korean is readable on a machine that has no Korean font: the product brings its own."""

import re

from playwright.async_api import Browser, expect

from tests.e2e.people import PHONE, WITHIN_MS, context
from tests.e2e.product import Product

FAMILY = "Noto Sans KR Variable"
FONT = re.compile(r"/assets/noto-sans-kr-.*\.woff2$")
LOADED = """async (family) => {
    await document.fonts.ready;
    return [...document.fonts].filter((face) => face.family.includes(family) && face.status === "loaded").length;
}"""


async def test_a_page_fetches_the_korean_font_from_its_own_server(product: Product, browser: Browser) -> None:
    profile = await context(browser, PHONE)
    page = await profile.new_page()
    fetched = []
    page.on("response", lambda response: fetched.append((response.url, response.status)))
    await page.goto(f"{product.url}/join#cut")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("링크", timeout=WITHIN_MS)
    assert await page.evaluate(LOADED, FAMILY) > 0
    fonts = [(url, status) for url, status in fetched if FONT.search(url)]
    assert fonts
    assert all(url.startswith(product.url) and status == 200 for url, status in fonts)
    assert FAMILY in await page.locator("h1").evaluate("heading => getComputedStyle(heading).fontFamily")
    await profile.close()
