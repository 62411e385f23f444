"""Signing out at one place, and what the other open pages of the same session do."""

import re

from playwright.async_api import Browser, expect

from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS, Host, host
from tests.e2e.product import PASSWORD, Product, email_of


async def test_an_open_desk_asks_to_sign_in_when_its_session_was_ended_elsewhere_and_then_hears_news_again(
    product: Product, browser: Browser
) -> None:
    here = await host(browser)
    await here.sign_in(product, "박준호")
    there = Host(await here.page.context.new_page())
    await there.page.goto(product.url)
    await there.sees(re.compile(r"대기 \d+ · 곧 시작 \d+"))
    await here.press("박준호 님의 계정 메뉴")
    await here.page.get_by_role("menuitem", name="로그아웃").click()
    await there.sees("로그인 시간이 끝났습니다")
    await there.page.get_by_label("이메일").fill(email_of("박준호"))
    await there.page.get_by_label("비밀번호").fill(PASSWORD)
    async with there.page.expect_websocket(lambda socket: "socket.io" in socket.url):
        await there.page.keyboard.press("Enter")
    async with at_the_desk(product, "박준호") as desk:
        await desk.book("counselling", await desk.seeker("새소식"))
        await expect(there.page.get_by_text("새소식").first).to_be_visible(timeout=WITHIN_MS)
