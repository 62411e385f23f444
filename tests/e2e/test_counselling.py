"""A counsellor and a seeker, from the link to the summary that was shared."""

import re

from playwright.async_api import Browser, expect

from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS, moves
from tests.e2e.product import Product
from tests.e2e.rooms import meeting


async def test_two_people_see_each_other_and_nothing_is_recorded(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "김서연") as desk:
        room = await meeting(product, browser, desk, "김서연", "송다은")
        await room.seeker.sees("이 상담은 녹화하지 않습니다")
        await expect(room.counsellor.button("녹화 시작")).to_have_count(0)
        await room.seeker.leave_room("나만 나가기")
        await room.seeker.sees("대화방에서 나왔습니다")
        await room.counsellor.leave_room("모두 끝내기")
        await room.counsellor.page.wait_for_url(re.compile("/after$"), timeout=WITHIN_MS)


async def test_a_recording_with_consent_becomes_a_summary_that_the_seeker_reads(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "박준호") as desk:
        room = await meeting(product, browser, desk, "박준호", "윤가람", recording=True)
        park, yun = room.counsellor, room.seeker
        await park.answer_own_consent("동의합니다")
        await park.press("녹화 시작")
        await yun.sees(re.compile("녹화 중: .*윤가람"))
        await park.bookmark("이력서에서 고칠 곳")
        await yun.answer_own_consent("동의하지 않습니다")
        await park.sees(re.compile("녹화하지 않음: 윤가람"))
        await park.leave_room("모두 끝내기")
        await yun.sees("상담에 참여해 주셔서 고맙습니다")

        after = f"/api/appointments/{room.appointment}/after"
        recording = (await desk.when(after, lambda made: made["recording"]))["recording"]["id"]
        done = ("available", "partial")
        await desk.when(f"/api/recordings/{recording}", lambda made: made["status"] in done)
        await park.page.goto(f"{product.url}/desk/recordings/{recording}")
        await park.press("녹화 재생")
        await moves(park.page.locator("video"))
        assert desk.deeds("recording.played", recording) == 1

        summary = (await desk.ask("GET", after))["summary"]["id"]
        await park.page.goto(f"{product.url}/desk/summaries/{summary}")
        await park.sees("이력서에서 고칠 곳")
        await park.press("승인")
        await park.sees("승인됨")
        await park.press("구직자에게 공개")
        await park.page.get_by_role("dialog").get_by_role("button", name="구직자에게 공개", exact=True).click()
        link = await park.page.get_by_label("공개 링크").input_value(timeout=WITHIN_MS)
        await yun.open(link)
        await yun.sees("이력서에서 고칠 곳")
