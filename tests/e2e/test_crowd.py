"""A group of twenty: a wide screen shows nine, a telephone five, in one order; all are heard."""

import re

from playwright.async_api import Browser, expect

from tests.e2e.axe import faults
from tests.e2e.desk import Desk, at_the_sample_desk
from tests.e2e.people import WITHIN_MS, Host, Person, Seeker, host, moves, seeker
from tests.e2e.product import SampleProduct

SEEKERS = [f"참여자{number:02}" for number in range(19)]
ON_THE_PHONE = SEEKERS[0]
NAMES = re.compile(r"참여자\d\d|박준호")


async def booked_group(desk: Desk) -> tuple[str, str]:
    """A group of twenty seats: its id and the link of the one who comes by telephone."""
    people = [await desk.seeker(name) for name in SEEKERS]
    card = await desk.book("small_group", *people, title="큰 소그룹 (견본)", minutes=20)
    return card["id"], await desk.link(card, people[0])


async def enters_by_telephone(person: Seeker, link: str, name: str) -> None:
    await person.open(link)
    await person.page.get_by_text("약속을 지키겠습니다.").click(timeout=WITHIN_MS)
    await person.page.get_by_label("이름 또는 별칭").fill(name)
    await person.press("다음으로")
    await person.pass_device_check()
    await person.waits()


async def faces(person: Person) -> list[str]:
    """Whose faces are shown, in order, oneself last; who is only counted is not among them."""
    tiles = person.page.get_by_role("list", name="참가자 화면").get_by_role("listitem")
    texts = await tiles.filter(has_not=person.page.get_by_role("button")).all_inner_texts()
    return [found[0] for text in texts if (found := NAMES.search(text))]


async def test_twenty_in_a_group_see_as_many_as_fit_an_interpreter_and_who_they_pin(
    samples: SampleProduct, browser: Browser
) -> None:
    async with at_the_sample_desk(samples, "박준호") as desk:
        appointment, link = await booked_group(desk)
        kim, phone = await host(browser), await seeker(browser)
        await enters_by_telephone(phone, link, ON_THE_PHONE)
        await kim.sign_in_as(samples.product, *samples.account("박준호"))
        await kim.enter(samples.product, appointment)
        await kim.admit(ON_THE_PHONE)
        await desk.ask("POST", f"/api/appointments/{appointment}/sample-guests")

        await the_rest_are_counted(kim, 11)
        await the_rest_are_counted(phone, 15)
        await those_in_sight_move(kim)
        await those_in_sight_move(phone)
        await a_host_marks_who_interprets(kim, phone)
        await a_pin_brings_into_sight(phone)
        assert [await faults(person.page) for person in (kim, phone)] == [[], []]
        await kim.leave_room("모두 끝내기")


async def the_rest_are_counted(person: Person, count: int) -> None:
    await expect(person.button(re.compile(rf"외 {count}명 보기"))).to_be_visible(timeout=WITHIN_MS)


async def those_in_sight_move(person: Person) -> None:
    """Every place but one's own shows a moving picture; who takes a place while it is looked at moves as well."""
    videos = person.page.get_by_role("list", name="참가자 화면").locator("video")
    for place in range(await videos.count()):
        await moves(videos.nth(place))


async def a_host_marks_who_interprets(kim: Host, phone: Person) -> None:
    people = await kim.open_panel("참가자")
    await people.get_by_role("button", name=f"{SEEKERS[18]} 님 통역 표시").click(timeout=WITHIN_MS)
    for person in (kim, phone):
        first = person.page.get_by_role("list", name="참가자 화면").get_by_role("listitem").first
        await expect(first).to_contain_text(re.compile(f"{SEEKERS[18]}.*통역", re.DOTALL), timeout=WITHIN_MS)
        await person.sees_moving("통역")


async def a_pin_brings_into_sight(phone: Person) -> None:
    await phone.press(re.compile("외 15명 보기"))
    people = phone.page.get_by_role("complementary", name="참가자")
    await people.get_by_role("button", name=f"{SEEKERS[17]} 님 화면 고정").click(timeout=WITHIN_MS)
    await phone.page.keyboard.press("Escape")
    assert (await faces(phone))[0] == SEEKERS[17]
    await phone.sees_moving(SEEKERS[17])
