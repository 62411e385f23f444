"""The counsellor's desk: registering, booking, moving, calling off, and what the seeker's link says each time."""

import re
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from playwright.async_api import Browser, Locator, expect
from sqlalchemy import select, update

from server.app import administration
from server.app.administration import Account
from server.app.resources import opened
from server.config import Settings
from server.domain.organisations import TenantKind
from server.domain.people import Role
from server.domain.permissions import SystemScope
from server.storage.tables.appointments import appointments
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import Desk, at_the_desk, soon
from tests.e2e.people import PHONE, WITHIN_MS, Host, Seeker, context, host, seeker
from tests.e2e.product import PASSWORD, Product

MOON, MOONS_ADDRESS = "문가을", "moon@example.org"
MORNING_HOUR = 9


def zone_where_it_is_morning() -> str:
    """With the sign that `Etc/GMT` zones have: west is positive."""
    west = datetime.now(UTC).hour - MORNING_HOUR
    return f"Etc/GMT{west if west <= 12 else west - 24:+d}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def centre(product: Product) -> Product:
    """With one organisation more, where it is morning: a whole day is ahead, whenever this runs."""
    moon = Account(name=MOON, email=MOONS_ADDRESS, role=Role.COUNSELLOR, password=PASSWORD)
    settings = Settings(data_dir=product.data_dir)
    await administration.create_organisation(
        settings, TenantKind.CENTRE, "새벽고용센터", "0287654321", zone_where_it_is_morning(), moon
    )
    return product


async def types_time(place: Locator, label: str, time: str) -> None:
    """Into the hour and the minute of a time field."""
    for segment, number in zip(
        await place.get_by_role("group", name=label).get_by_role("spinbutton").all(), time.split(":"), strict=True
    ):
        await segment.press_sequentially(number)


async def fills_in_the_booking(moon: Host, name: str, time: str) -> None:
    """The form, from the desk; not yet sent."""
    await moon.press_link("오늘")
    await moon.press_link("예약하기")
    form = moon.page.locator("form")
    await expect(form.get_by_role("radio", name="취업상담 (1:1)")).to_be_checked(timeout=WITHIN_MS)
    await form.get_by_role("combobox", name="구직자").press_sequentially(name)
    await moon.page.get_by_role("option", name=re.compile(name)).click(timeout=WITHIN_MS)
    await expect(form.get_by_role("list", name="고른 사람: 구직자")).to_contain_text(name)
    await types_time(form, "시작 시각", time)


async def test_a_counsellor_registers_books_moves_and_calls_off_and_the_link_always_says_how_it_stands(
    centre: Product, browser: Browser
) -> None:
    moon, do = await host(browser), await seeker(browser)
    await moon.sign_in_as(centre, MOONS_ADDRESS, PASSWORD)
    await registers(moon, "도하늘", "010-5000-0001")
    await fills_in_the_booking(moon, "도하늘", "14:00")
    await moon.press("예약")
    await moon.sees("예약했습니다. 참여자에게 링크를 보내 주세요.")
    booking = moon.page.url
    await is_on_the_schedule(moon, "도하늘", "14:00")

    await moon.page.goto(booking)
    await moon.press("도하늘 님 링크 만들기")
    link = await moon.copies("링크 복사")
    message = await moon.copies("안내 문구 복사")
    await has_no_fault(moon.page)
    assert link.startswith(f"{centre.url}/join#")
    for part in (link, "도하늘 님", "새벽고용센터", "오후 2시 00분", "0287654321"):
        assert part in message
    await do.open(link)
    await do.sees("도하늘 님, 예약을 확인했습니다")
    await do.sees("오후 2:00")

    await moves_to(moon, "15:30")
    await do.page.reload()
    await do.sees("오후 3:30")
    await is_on_the_schedule(moon, "도하늘", "15:30")
    await overlapping_is_refused_and_put_right(moon)

    await moon.page.goto(booking)
    new_link = await reissues(moon, "도하늘")
    await do.page.reload()
    await do.sees("더 이상 쓸 수 없는 링크입니다")
    await do.sees("가장 최근에 받은 메시지의 링크를 눌러 주세요.")
    await has_no_fault(do.page)
    await do.open(new_link)
    await do.sees("도하늘 님, 예약을 확인했습니다")

    await calls_off(moon, "상담사 병가로 다음 주에 다시 잡겠습니다")
    await do.page.reload()
    await do.sees("취소된 예약입니다")
    await do.sees("담당자의 말: 상담사 병가로 다음 주에 다시 잡겠습니다")
    await has_no_fault(do.page)


async def registers(moon: Host, name: str, phone: str) -> None:
    await moon.press_link("구직자")
    await moon.press("구직자 등록")
    dialog = moon.page.get_by_role("dialog")
    await dialog.get_by_label("이름").fill(name, timeout=WITHIN_MS)
    await dialog.get_by_label("휴대전화 번호").fill(phone)
    await has_no_fault(moon.page)
    await dialog.get_by_role("button", name="등록", exact=True).click()
    await expect(moon.page.get_by_role("heading", name=f"{name} 님 상담이력")).to_be_visible(timeout=WITHIN_MS)


async def is_on_the_schedule(moon: Host, name: str, time: str) -> None:
    await moon.press_link("오늘")
    row = moon.page.get_by_role("listitem").filter(has=moon.page.get_by_role("link", name=name, exact=True))
    await expect(row).to_contain_text(time, timeout=WITHIN_MS)
    await expect(row).to_contain_text("예약 확정")


async def moves_to(moon: Host, time: str) -> None:
    await moon.press("시간 변경")
    dialog = moon.page.get_by_role("dialog", name="언제로 바꿀까요?")
    await types_time(dialog, "시작 시각", time)
    await has_no_fault(moon.page)
    await dialog.get_by_role("button", name="시간 변경").click()
    await moon.sees("시간을 바꿨습니다.")
    await expect(dialog).to_have_count(0, timeout=WITHIN_MS)


async def overlapping_is_refused_and_put_right(moon: Host) -> None:
    """The form keeps all that was filled in, and books once the time fits."""
    await registers(moon, "마루한", "010-5000-0002")
    await fills_in_the_booking(moon, "마루한", "15:45")
    await moon.press("예약")
    await moon.sees("이 시간에 다른 일정이 있는 담당자가 있습니다. 시간이나 담당자를 바꿔 주세요.")
    await types_time(moon.page.locator("form"), "시작 시각", "16:30")
    await moon.press("예약")
    await expect(moon.page.get_by_role("heading", name="마루한")).to_be_visible(timeout=WITHIN_MS)


async def reissues(moon: Host, name: str) -> str:
    await moon.press(f"{name} 님 새 링크 만들기")
    dialog = moon.page.get_by_role("dialog", name=f"{name} 님의 새 링크를 만들까요?")
    await expect(dialog).to_be_visible(timeout=WITHIN_MS)
    await has_no_fault(moon.page)
    await dialog.get_by_role("button", name="새 링크 만들기").click(timeout=WITHIN_MS)
    await expect(dialog).to_have_count(0, timeout=WITHIN_MS)
    return await moon.copies("링크 복사")


async def calls_off(moon: Host, reason: str) -> None:
    await moon.press("예약 취소")
    dialog = moon.page.get_by_role("dialog", name="이 예약을 취소할까요?")
    await expect(dialog.get_by_role("button", name="예약 취소")).to_be_disabled()
    await dialog.get_by_label("취소 사유").fill(reason)
    await has_no_fault(moon.page)
    await dialog.get_by_role("button", name="예약 취소").click()
    await moon.sees("취소된 일정입니다.")
    await moon.sees(f"사유: {reason}")
    await expect(moon.button("시간 변경")).to_have_count(0)
    await has_no_fault(moon.page)


async def test_on_a_phone_in_english_a_booking_is_made_sent_and_called_off(centre: Product, browser: Browser) -> None:
    profile = await context(browser, PHONE, "en-US")
    credentials = {"email": MOONS_ADDRESS, "password": PASSWORD}
    assert (await profile.request.post(f"{centre.url}/api/session", data=credentials)).ok
    moon = Host(await profile.new_page())
    await moon.page.goto(f"{centre.url}/desk/seekers")
    await moon.press("Register a job seeker")
    dialog = moon.page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Nguyen Lan", timeout=WITHIN_MS)
    await dialog.get_by_label("Mobile number").fill("010-5000-0003")
    await has_no_fault(moon.page)
    await dialog.get_by_role("button", name="Register").click()
    await moon.press_link("Book")  # from her file, so she is chosen already
    form = moon.page.locator("form")
    await expect(form.get_by_role("list", name="Chosen: Job seeker")).to_contain_text("Nguyen Lan", timeout=WITHIN_MS)
    await types_time(form, "Start time", "18:00")
    await moon.press("Book")
    await moon.sees("Booked. Please send the guests their links.")

    await moon.press("Make a link for Nguyen Lan")
    link = await moon.copies("Copy the link", "Copied.")
    message = await moon.copies("Copy the message (English)", "Copied.")
    for part in (link, "Nguyen Lan", "18:00", "0287654321"):
        assert part in message
    await has_no_fault(moon.page)
    lan = Seeker(await (await context(browser, PHONE, "en-US")).new_page())
    await lan.open(link)
    await lan.sees("Nguyen Lan, your booking is confirmed")

    await moon.press("Call off")
    dialog = moon.page.get_by_role("dialog", name="Call this appointment off?")
    await dialog.get_by_label("Reason").fill("The counsellor is ill", timeout=WITHIN_MS)
    await has_no_fault(moon.page)
    await dialog.get_by_role("button", name="Call off").click()
    await moon.sees("This appointment was cancelled.")
    await lan.page.reload()
    await lan.sees("This booking was cancelled")
    await lan.sees("The host wrote: The counsellor is ill")
    for person in (moon, lan):
        await has_no_fault(person.page)


async def began_a_while_ago(product: Product, appointment: str, ago: timedelta) -> None:
    """As if it had been booked for then: the scheduler of the product notices by itself who has not come."""
    settings = Settings(data_dir=product.data_dir)
    async with opened(settings) as resources, resources.database.write(SystemScope("test")) as uow:
        this = appointments.c.id == appointment
        row = (await uow.execute(select(appointments).where(this))).one()
        length, starts_at = row.ends_at - row.starts_at, datetime.now(UTC) - ago
        await uow.execute(update(appointments).where(this).values(starts_at=starts_at, ends_at=starts_at + length))


async def missed(product: Product, desk: Desk, name: str, starts_at: str) -> tuple[str, str]:
    """An appointment to which nobody has come in twelve minutes, and the link of this seeker."""
    person = await desk.seeker(name)
    card = await desk.book("counselling", person, starts_at=starts_at)
    link = await desk.link(card, person)
    await began_a_while_ago(product, card["id"], timedelta(minutes=12))
    return card["id"], link


async def says(kim: Host, answer: str, notice: str) -> None:
    """Answer this notice on the desk; it goes."""
    banner = kim.page.locator("div").filter(has_text=notice).filter(has=kim.button(answer)).last
    await banner.get_by_role("button", name=answer).click(timeout=WITHIN_MS)
    await expect(kim.page.get_by_text(notice)).to_have_count(0, timeout=WITHIN_MS)


async def test_a_person_says_whether_somebody_who_has_not_come_is_a_no_show(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "김서연") as desk:
        kim, im, cha = await host(browser), await seeker(browser), await seeker(browser)
        no_show, ims_link = await missed(product, desk, "임도현", soon(5))
        on_the_way, chas_link = await missed(product, desk, "차은재", soon(45))
        await kim.sign_in(product, "김서연")
        for name in ("임도현", "차은재"):
            await kim.sees(f"{name} 님이 오지 않은 것 같습니다")
        await kim.sees("먼저 전화로 확인해 주세요.")
        await has_no_fault(kim.page)
        await says(kim, "불참 확인", "임도현 님이 오지 않은 것 같습니다")
        await says(kim, "불참 아님", "차은재 님이 오지 않은 것 같습니다")

        await kim.page.goto(f"{product.url}/desk/appointments/{no_show}")
        await kim.sees("불참으로 확인된 일정입니다.")
        await has_no_fault(kim.page)
        await im.open(ims_link)
        await im.sees("예약 시간이 지났습니다")
        await im.sees("새 시간을 잡아 드립니다.")
        await has_no_fault(im.page)
        await kim.page.goto(f"{product.url}/desk/appointments/{on_the_way}")
        await kim.sees("입장 가능")
        await cha.open(chas_link)
        await expect(cha.page.get_by_role("heading", name="기기 점검")).to_be_visible(timeout=WITHIN_MS)

        await began_a_while_ago(product, on_the_way, timedelta(days=30))
        late = await seeker(browser)
        await late.open(chas_link)
        await late.sees("기한이 지난 링크입니다")
        await has_no_fault(late.page)
