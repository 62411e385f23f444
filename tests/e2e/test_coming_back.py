"""Nobody falls out of a room: reloads, killed processes and a cut line end in the same seat, with no new admission."""

import time
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browsers import chromium
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS
from tests.e2e.product import Product, serving, serving_https
from tests.e2e.rooms import meeting, together_again
from tests.network import host as another_machine
from tests.waiting import until

CUT_S = 20.0


async def test_a_reload_leads_back_to_the_same_seat(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "정유나") as desk:
        room = await meeting(product, browser, desk, "정유나", "한지우")
        await room.seeker.page.reload()
        await together_again(room, "정유나", "한지우")
        await room.counsellor.page.reload()
        await together_again(room, "정유나", "한지우")
        await room.counsellor.leave_room("모두 끝내기")


async def test_killed_processes_bring_everybody_back(tmp_path: Path, chromium_path: str) -> None:
    async with (
        serving(tmp_path / "var") as product,
        chromium(chromium_path) as browser,
        at_the_desk(product, "김서연") as desk,
    ):
        room = await meeting(product, browser, desk, "김서연", "오민석")
        await product.kill("web")
        await room.counsellor.sees_moving("오민석")  # media does not pass the web
        await together_again(room, "김서연", "오민석")
        await product.kill("node")
        await together_again(room, "김서연", "오민석")
        await room.counsellor.leave_room("모두 끝내기")


async def test_over_https_from_another_machine_a_cut_line_is_repaired(tmp_path: Path, chromium_path: str) -> None:
    with another_machine(7) as there:
        async with (
            serving_https(tmp_path, there.our_address) as product,
            chromium(chromium_path, "--ignore-certificate-errors") as here,
            chromium(chromium_path, "--ignore-certificate-errors", prefix=there.prefix) as away,
            at_the_desk(product, "김서연") as desk,
        ):
            room = await meeting(product, here, desk, "김서연", "정하늘", seekers_browser=away)
            there.unplug()
            cut_at = time.monotonic()
            await room.seeker.sees("연결이 끊겼습니다")
            await has_no_fault(room.seeker.page)
            await until(lambda: time.monotonic() - cut_at > CUT_S)  # how long the line is cut is what is tested
            there.plug()
            await together_again(room, "김서연", "정하늘")
            await expect(room.seeker.page.get_by_text("연결이 끊겼습니다")).to_have_count(0, timeout=WITHIN_MS)
