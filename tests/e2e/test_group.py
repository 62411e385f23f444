"""A small group: two counsellors, seekers under the names they chose, nothing recorded, and a note for each of them."""

import re
from dataclasses import dataclass

from playwright.async_api import Browser, expect

from tests.e2e.desk import Desk, at_the_desk, soon
from tests.e2e.people import WITHIN_MS, Host, Seeker, host, seeker
from tests.e2e.product import Product

AGENDA = [{"text": "인사와 약속", "minutes": 10}, {"text": "구직 경험 나누기", "minutes": 20}]
ALIASES = {"나예린": "나무", "조은호": "바다", "신유나": "신유나"}
ABSENT = "백시우"
NOTE = "면접 연습을 한 번 더 하기로 했다"


@dataclass
class Group:
    """One booked meeting and who is expected."""

    appointment: str
    people: dict[str, str]  # ids by name
    links: dict[str, str]


async def booked_group(desk: Desk, second: str) -> Group:
    people = {name: await desk.seeker(name) for name in (*ALIASES, ABSENT)}
    card = await desk.book(
        "small_group",
        *people.values(),
        hosts=(await desk.colleague(second),),
        title="청년 소그룹",
        agenda=AGENDA,
        starts_at=soon(0),  # minutes count from the start
    )
    return Group(card["id"], people, {name: await desk.link(card, person) for name, person in people.items()})


async def accepts_the_rules_as(person: Seeker, alias: str) -> None:
    await person.page.get_by_text("약속을 지키겠습니다.").click(timeout=WITHIN_MS)
    await person.page.get_by_label("이름 또는 별칭").fill(alias)
    await person.press("다음으로")


async def test_a_small_group_from_its_rules_to_a_note_for_each(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "김서연") as desk:
        group = await booked_group(desk, "박준호")
        kim, park = await host(browser), await host(browser)
        seekers = {alias: await seeker(browser) for alias in ALIASES.values()}
        for name, alias in ALIASES.items():
            await seekers[alias].open(group.links[name])
            await accepts_the_rules_as(seekers[alias], alias)
            await seekers[alias].pass_device_check()
            await seekers[alias].waits()

        await arrivals_are_on_the_roster(product, kim, group)
        await park.sign_in(product, "박준호")
        await park.enter(product, group.appointment)  # either counsellor hosts
        await park.sees("3명이 기다리고 있습니다")
        await park.press("모두 입장 허용")
        await kim.enter(product, group.appointment)
        await everybody_sees_everybody_by_the_chosen_name(kim, park, seekers)
        await the_clock_runs_for_all(kim, seekers["나무"])
        await the_rules_are_accepted_once(seekers["바다"], park)
        await kim.leave_room("모두 끝내기")
        for person in seekers.values():
            await person.sees("함께해 주셔서 고맙습니다")
            await person.sees("목소리와 모습은 녹화되지 않았습니다.")

        await attendance_is_confirmed_by_exception(desk, kim, group)
        await each_has_a_private_note(product, desk, kim, group)


async def arrivals_are_on_the_roster(product: Product, kim: Host, group: Group) -> None:
    await kim.sign_in(product, "김서연")
    await kim.page.goto(f"{product.url}/desk/appointments/{group.appointment}/roster")
    await kim.sees("도착 3명 / 전체 4명")
    na = kim.page.get_by_role("listitem").filter(has_text="나예린")
    await expect(na).to_contain_text("화면에 보이는 이름: 나무", timeout=WITHIN_MS)


async def everybody_sees_everybody_by_the_chosen_name(kim: Host, park: Host, seekers: dict[str, Seeker]) -> None:
    for alias in ALIASES.values():
        await kim.sees_moving(alias)
        await park.sees_moving(alias)
    nobody_records = re.compile("이 모임은 녹화하지 않습니다")
    for alias, person in seekers.items():
        for other in ("김서연", "박준호", *(set(seekers) - {alias})):
            await person.sees_moving(other)
        await person.sees(nobody_records)
        await expect(person.page.get_by_text("나예린")).to_have_count(0)
    await kim.sees(nobody_records)
    await expect(kim.button("녹화 시작")).to_have_count(0)


async def the_clock_runs_for_all(kim: Host, na: Seeker) -> None:
    order = await kim.open_panel("진행 순서")
    await order.get_by_role("button", name="시계 시작").click()
    await order.get_by_role("button", name="인사와 약속: 시작").click()
    await na.press("더 보기")
    await na.page.get_by_role("menuitem", name="진행 순서").click()
    theirs = na.page.get_by_role("complementary", name="진행 순서")
    for panel in (order, theirs):
        await expect(panel.get_by_text(re.compile(r"^0?0:0[1-9]|^0?0:[1-5]\d"))).to_be_visible(timeout=WITHIN_MS)
        greeting = panel.get_by_role("listitem").filter(has_text="인사와 약속")
        await expect(greeting).to_contain_text("김서연", timeout=WITHIN_MS)
    await expect(theirs.get_by_role("button", name=re.compile("시계|마침"))).to_have_count(0)


async def the_rules_are_accepted_once(cho: Seeker, park: Host) -> None:
    """Whoever left and opens the link again waits at the door under the same name, and is asked for no promise."""
    await cho.leave_room("나만 나가기")
    await cho.sees("대화방에서 나왔습니다")
    await cho.page.reload()
    await cho.waits()
    await park.admit("바다")
    await cho.sees_moving("김서연")
    await expect(cho.face("바다 (나)")).to_be_visible()


async def attendance_is_confirmed_by_exception(desk: Desk, kim: Host, group: Group) -> None:
    await kim.page.wait_for_url(re.compile("/after$"), timeout=WITHIN_MS)
    path = f"/api/appointments/{group.appointment}/attendance"
    await desk.when(path, lambda attendance: attendance["over"])
    rows = kim.page.get_by_role("listitem")
    for name in ALIASES:
        row = rows.filter(has=kim.page.get_by_role("combobox", name=f"{name} 님 출결"))
        await expect(row).to_contain_text(re.compile(r"입장, \d+분.*제안:"), timeout=WITHIN_MS)
    absent = rows.filter(has=kim.page.get_by_role("combobox", name=f"{ABSENT} 님 출결"))
    await expect(absent).to_contain_text("들어오지 않음")
    await expect(absent).to_contain_text("제안: 결석")
    await absent.get_by_role("combobox").select_option("결석 (사유 인정)")
    await expect(kim.button("출결 확인")).to_be_disabled()
    await kim.page.get_by_label(f"{ABSENT} 님 출결을 바꾼 사유").fill("병원 진료")
    await kim.press("출결 확인")
    await kim.sees("출결을 확인했습니다.")
    kept = {person["name"]: person for person in (await desk.ask("GET", path))["people"]}
    assert kept[ABSENT]["status"] == "absent_excused"
    assert all(kept[name]["status"] == kept[name]["proposed"] for name in ALIASES)


async def each_has_a_private_note(product: Product, desk: Desk, kim: Host, group: Group) -> None:
    for name in ALIASES:
        await kim.page.goto(f"{product.url}/desk/appointments/{group.appointment}/after")
        await kim.press(f"{name} 님 상담일지 열기")
        await kim.page.get_by_role("textbox", name="상담 내용").fill(f"{name}: {NOTE}", timeout=WITHIN_MS)
        await kim.press("확정")
        await kim.page.get_by_role("dialog").get_by_role("button", name="확정").click(timeout=WITHIN_MS)
        await kim.sees("확정된 상담일지")
    notes = (await desk.ask("GET", f"/api/appointments/{group.appointment}/after"))["notes"]
    texts = {note["seeker"]["name"]: (await desk.ask("GET", f"/api/notes/{note['id']}"))["text"] for note in notes}
    assert {name: texts[name] for name in ALIASES} == {name: f"{name}: {NOTE}" for name in ALIASES}
    async with at_the_desk(product, "박준호") as other:  # who led the group too, and did not write them
        for note in notes:
            await other.ask("GET", f"/api/notes/{note['id']}", expect=404)
