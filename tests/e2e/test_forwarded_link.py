"""A link that was forwarded: whoever opens it waits, those concerned are told, and nobody loses a live seat unasked."""

from playwright.async_api import Browser, expect

from tests.e2e.axe import has_no_fault
from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS, Person, Seeker, seeker
from tests.e2e.product import Product
from tests.e2e.rooms import Meeting, meeting

AT_THE_HOSTS = "다른 기기에서 한지우 님 자리로 들어오려고 합니다"
AT_THE_HOLDERS = "다른 기기에서 내 자리로 들어오려고 합니다"
MOVE, REFUSE = "그 기기로 옮기기", "거절"


async def knocks(browser: Browser, room: Meeting) -> Seeker:
    """Somebody opens the link of the seat in use, on another device: they wait, and host and holder are told."""
    other = await seeker(browser)
    await other.open(room.link)
    await other.pass_device_check()
    await waits_for_the_seat(other, room, room.seeker)
    for person in (other, room.seeker, room.counsellor):
        await has_no_fault(person.page)
    return other


async def waits_for_the_seat(other: Person, room: Meeting, holder: Person) -> None:
    await other.sees("이미 참여 중인 자리입니다")
    await room.counsellor.sees(AT_THE_HOSTS)
    await holder.sees(AT_THE_HOLDERS)
    await expect(other.page.get_by_role("list", name="참가자 화면")).to_have_count(0)
    await holder.sees_moving("김서연")


async def is_refused(other: Person, room: Meeting) -> None:
    """The second device is sent away; the seat stays where it was, and nobody is asked any more."""
    await other.sees("지금은 들어갈 수 없습니다")
    await expect(room.counsellor.page.get_by_text(AT_THE_HOSTS)).to_have_count(0, timeout=WITHIN_MS)
    await expect(room.seeker.page.get_by_text(AT_THE_HOLDERS)).to_have_count(0, timeout=WITHIN_MS)
    await room.seeker.sees_moving("김서연")
    await room.counsellor.sees_moving("한지우")


async def has_moved(winner: Person, loser: Person, room: Meeting) -> None:
    await winner.sees_moving("김서연")
    await loser.sees("다른 기기에서 참여하고 있습니다")
    await has_no_fault(loser.page)
    await room.counsellor.sees_moving("한지우")
    await expect(room.counsellor.page.get_by_text(AT_THE_HOSTS)).to_have_count(0, timeout=WITHIN_MS)


async def test_a_forwarded_link_takes_no_seat_unless_holder_or_host_agrees(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "김서연") as desk:
        room = await meeting(product, browser, desk, "김서연", "한지우")
        kim, han = room.counsellor, room.seeker

        other = await knocks(browser, room)
        await kim.press(REFUSE)
        await is_refused(other, room)

        await other.press("다시 들어가기")
        await waits_for_the_seat(other, room, han)
        await han.page.reload()  # the holder's own way back is no claim, and settles none
        await waits_for_the_seat(other, room, han)
        await han.press(REFUSE)
        await is_refused(other, room)

        await other.press("다시 들어가기")
        await waits_for_the_seat(other, room, han)
        await han.press(MOVE)
        await has_moved(other, han, room)

        await han.press("이 기기로 다시 들어가기")
        await waits_for_the_seat(han, room, other)
        await kim.press(MOVE)
        await has_moved(han, other, room)
        await kim.leave_room("모두 끝내기")
