"""A counsellor and a seeker, from the link to the summary that was shared, and to the day on which all is deleted."""

import re
from datetime import date

from playwright.async_api import Browser, expect
from sqlalchemy import delete, update

from server.app.resources import opened
from server.config import Settings
from server.domain.permissions import SystemScope
from server.storage.tables.jobs import clock
from server.storage.tables.recordings import recordings
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS, Host, Seeker, host, moves
from tests.e2e.product import Product
from tests.e2e.rooms import Meeting, meeting


async def takes_back(park: Host, yun: Seeker, link: str) -> None:
    """The summary is shared no longer: the link that the seeker has says so."""
    await park.press("공개 취소")
    await park.page.get_by_role("dialog").get_by_role("button", name="공개 취소", exact=True).click()
    await expect(park.page.get_by_label("공개 링크")).to_have_count(0, timeout=WITHIN_MS)
    await yun.open(link)
    await yun.page.reload()
    await yun.sees("공개가 취소된 링크입니다")
    await has_no_fault(yun.page)


async def signs_and_adds(park: Host) -> None:
    """A note is written and signed; from then on there is only adding to it, with a reason."""
    await park.page.get_by_label("상담 내용").fill("이력서를 함께 고쳤다.", timeout=WITHIN_MS)
    await park.press("확정")
    await park.page.get_by_role("dialog").get_by_role("button", name="확정", exact=True).click()
    await park.sees("확정된 상담일지")
    await expect(park.page.get_by_label("상담 내용")).to_have_count(0)
    await park.page.get_by_label("덧붙일 내용").fill("다음에는 면접을 연습한다.")
    await park.page.get_by_label("덧붙이는 사유").fill("빠뜨림")
    await park.press("덧붙이기")
    await park.sees("사유: 빠뜨림")


async def leaves_last_and_ends_it(kim: Host) -> None:
    """Alone, so that people may still return; then for good."""
    await kim.leave_room("나만 나가기")
    await kim.page.wait_for_url(re.compile("/after$"), timeout=WITHIN_MS)
    await kim.sees("방이 아직 열려 있습니다.")
    await has_no_fault(kim.page)
    await kim.press("끝내기")
    await expect(kim.page.get_by_role("heading", name="다음 할 일")).to_be_visible(timeout=WITHIN_MS)
    await has_no_fault(kim.page)


async def an_administrator_reads_who_came(product: Product, browser: Browser, room: Meeting) -> None:
    """And nothing of what was said; nothing is refused on the page."""
    admin = await host(browser)
    await admin.sign_in(product, "관리자")
    await admin.page.goto(f"{product.url}/desk/appointments/{room.appointment}/after")
    await admin.sees("출결은 담당자가 확인합니다.")
    await has_no_fault(admin.page)
    await expect(admin.page.get_by_text("이 일을 할 권한이 없습니다.")).to_have_count(0)


async def the_day_of_deletion_comes(product: Product, recording: str) -> None:
    """As if the days had passed until then, and the job's hour."""
    async with (
        opened(Settings(data_dir=product.data_dir)) as resources,
        resources.database.write(SystemScope("time passes")) as uow,
    ):
        past = date(2020, 1, 1)
        await uow.execute(update(recordings).where(recordings.c.id == recording).values(delete_on=past))
        await uow.execute(delete(clock).where(clock.c.name == "delete_due_recordings"))
    await product.kill("work")


async def test_two_people_see_each_other_and_nothing_is_recorded(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "김서연") as desk:
        room = await meeting(product, browser, desk, "김서연", "송다은")
        await room.seeker.sees("이 상담은 녹화하지 않습니다")
        await expect(room.counsellor.button("녹화 시작")).to_have_count(0)
        await room.seeker.leave_room("나만 나가기")
        await room.seeker.sees("대화방에서 나왔습니다")
        await has_no_fault(room.seeker.page)
        await leaves_last_and_ends_it(room.counsellor)
        await an_administrator_reads_who_came(product, browser, room)


async def test_a_recording_with_consent_becomes_a_summary_that_the_seeker_reads_and_is_deleted_on_its_day(
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
        await expect(park.page.get_by_role("dialog")).to_be_visible(timeout=WITHIN_MS)
        await has_no_fault(park.page)
        await park.page.get_by_role("dialog").get_by_role("button", name="구직자에게 공개", exact=True).click()
        link = await park.page.get_by_label("공개 링크").input_value(timeout=WITHIN_MS)
        await has_no_fault(park.page)
        await yun.open(link)
        await yun.sees("이력서에서 고칠 곳")
        await takes_back(park, yun, link)

        note = (await desk.ask("GET", after))["notes"][0]["id"]
        await park.page.goto(f"{product.url}/desk/notes/{note}")
        await signs_and_adds(park)
        await the_day_of_deletion_comes(product, recording)
        await desk.when(f"/api/recordings/{recording}", lambda made: made["status"] == "purged")
        await park.page.goto(f"{product.url}/desk/recordings/{recording}")
        await park.sees("보관 기간이 지나 삭제한 녹화입니다.")
        await expect(park.button("녹화 재생")).to_have_count(0)
