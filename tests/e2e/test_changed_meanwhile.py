"""An appointment is moved or called off while its seeker waits in the lobby: they read so at once."""

from playwright.async_api import Browser, expect

from tests.e2e.axe import faults
from tests.e2e.desk import at_the_desk, soon
from tests.e2e.people import WITHIN_MS, host, seeker
from tests.e2e.product import Product
from tests.e2e.rooms import booked

TOMORROW = 24 * 60


async def test_who_waits_reads_that_it_was_moved_and_meets_the_host_at_the_new_time(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "김서연") as desk:
        appointment, link = await booked(desk, "한지우")
        han, kim = await seeker(browser), await host(browser)
        await han.open(link)
        await han.pass_device_check()
        await han.waits()

        path = f"/api/appointments/{appointment}"
        move = {"minutes": 30, "reason": "견본 사정"}
        await desk.ask("POST", f"{path}/move", {"starts_at": soon(TOMORROW), **move})
        await han.sees("예약 시간이 바뀌었습니다")
        await expect(han.page.get_by_role("timer")).to_be_visible()
        assert await faults(han.page) == []

        await desk.ask("POST", f"{path}/move", {"starts_at": soon(), **move})
        await desk.when(path, lambda card: card["status"] == "open")
        await han.page.reload()
        await han.waits()
        await kim.sign_in(product, "김서연")
        await kim.enter(product, appointment)
        await kim.admit("한지우")
        await kim.sees_moving("한지우")


async def test_who_waits_reads_that_it_was_called_off_and_why(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "정유나") as desk:
        appointment, link = await booked(desk, "오하람")
        oh = await seeker(browser)
        await oh.open(link)
        await oh.pass_device_check()
        await oh.waits()
        await desk.ask("POST", f"/api/appointments/{appointment}/cancel", {"reason": "담당자가 아픕니다"})
        await oh.sees("취소된 예약입니다")
        await oh.sees("담당자의 말: 담당자가 아픕니다")
        await expect(oh.page.get_by_role("link", name="02")).to_be_visible(timeout=WITHIN_MS)
        assert await faults(oh.page) == []
