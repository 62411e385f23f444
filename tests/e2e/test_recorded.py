"""What is kept of whom: nothing of who did not agree or has withdrawn, and all but a second when the node is killed."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from tests.browsers import firefox
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import Desk, at_the_desk
from tests.e2e.people import WITHIN_MS, Host, Person, Seeker, host, seeker
from tests.e2e.product import Product
from tests.e2e.recordings import Recorded, is_being_recorded, plays, recorded
from tests.e2e.rooms import booked, meeting, together_again
from tests.e2e.test_firefox import PRESS, SEES, until_true
from tests.waiting import until

LOST_MAX_S = 1.0
UNMARKED_MAX_S = 1.0  # the time that a track takes to begin
MEASURED_S = 0.5  # between what happens and this test's looking at its clock
WRITTEN_WITHIN_S = 1.0
EVERYTHING = {"mic", "camera"}
REFUSES, GRANTS, POSTPONES = "권하나", "강두리", "고세찬"


async def at_least(seconds: float, since: float) -> None:
    """So long has it been recorded: what is played later must be long enough to look at."""
    await until(lambda: time.time() - since > seconds)


async def test_killing_the_node_costs_a_marked_second_and_the_recording_goes_on_with_the_same_people(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "김서연") as desk:
        room = await meeting(product, browser, desk, "김서연", "오민석", recording=True)
        kim, oh = room.counsellor, room.seeker
        await kim.answer_own_consent("동의합니다")
        await kim.press("녹화 시작")
        await at_least(4.0, await is_being_recorded(oh, "김서연", "오민석"))
        killed = time.time()
        await product.kill("node")
        await together_again(room, "김서연", "오민석")
        back = time.time()
        for person in (kim, oh):
            await is_being_recorded(person, "김서연", "오민석")
        await at_least(4.0, back)
        await kim.leave_room("모두 끝내기")

        made = await recorded(desk, room.appointment)
        pauses = [pause for name in ("김서연", "오민석") for pause in pauses_of(made, name, made.position_s(killed))]
        for ends_s, goes_on_s in pauses:
            assert made.position_s(killed) - LOST_MAX_S <= ends_s <= made.position_s(killed) + MEASURED_S
            assert goes_on_s <= made.position_s(back) + MEASURED_S
        first, last = min(ends_s for ends_s, _ in pauses), max(goes_on_s for _, goes_on_s in pauses)
        await plays(kim, product, made, [(0.5, first), (last, made.duration_s - 0.5)])


def pauses_of(made: Recorded, name: str, killed_s: float) -> list[tuple[float, float]]:
    """From where to where nothing is of each track of this person; what is missing there is marked, and why."""
    written = made.spans(name)
    assert set(written) == EVERYTHING
    pauses = []
    for source, spans in written.items():
        ends_s = max(end_s for _, end_s in spans if end_s <= killed_s + MEASURED_S)
        goes_on_s = min(start_s for start_s, _ in spans if start_s > ends_s)
        marked = [gap for gap in made.gaps(name, source) if ends_s <= gap.from_s and gap.to_s <= goes_on_s]
        assert "node_restarted" in [gap.cause for gap in marked]
        assert goes_on_s - ends_s - sum(gap.to_s - gap.from_s for gap in marked) <= UNMARKED_MAX_S
        pauses.append((ends_s, goes_on_s))
    return pauses


@dataclass
class Group:
    """A booked meeting that may be recorded."""

    card: dict[str, Any]
    links: dict[str, str]

    def seat(self, name: str) -> str:
        """The seat of whoever has this name."""
        return next(str(seat["id"]) for seat in self.card["seats"] if seat["name"] == name)


async def booked_group(desk: Desk, *names: str) -> Group:
    people = {name: await desk.seeker(name) for name in names}
    card = await desk.book("small_group", *people.values(), title="모의 면접 모임", recording=True)
    return Group(card, {name: await desk.link(card, person) for name, person in people.items()})


async def comes_in(park: Host, person: Seeker, name: str, link: str, answer: str | None) -> None:
    """With this answer to the items of consent, or with none yet; into the room."""
    await person.open(link)
    await person.page.get_by_text("약속을 지키겠습니다.").click(timeout=WITHIN_MS)
    await person.press("다음으로")
    if answer is None:
        await person.press("나중에 정하고 다음으로")
    else:
        await person.answer_consents(answer)
    await person.pass_device_check()
    await park.admit(name)
    await expect(person.face("박준호")).to_be_visible(timeout=WITHIN_MS)


async def answers_the_private_question(person: Person, answer: str) -> float:
    """To each item; when they began to answer."""
    question = person.page.get_by_role("alertdialog", name="녹화에 동의하시겠습니까?")
    await expect(question).to_contain_text("답하시기 전까지 내 목소리와 모습은 녹화하지 않습니다", timeout=WITHIN_MS)
    await has_no_fault(person.page)
    began = time.time()
    for choice in await question.get_by_text(answer, exact=True).all():
        await choice.click()
    await question.get_by_role("button", name="답변 저장").click()
    await expect(question).to_have_count(0, timeout=WITHIN_MS)
    return began


async def test_nobody_is_written_who_refused_or_has_not_answered_or_has_withdrawn(
    product: Product, browser: Browser
) -> None:
    async with at_the_desk(product, "박준호") as desk:
        park, people = await host(browser), {name: await seeker(browser) for name in (REFUSES, GRANTS, POSTPONES)}
        refuses, grants, postpones = people.values()
        group = await booked_group(desk, *people)
        await park.sign_in(product, "박준호")
        await park.enter(product, group.card["id"])
        await park.answer_own_consent("동의합니다")
        await comes_in(park, refuses, REFUSES, group.links[REFUSES], "동의하지 않습니다")
        await comes_in(park, grants, GRANTS, group.links[GRANTS], "동의합니다")
        await park.press("녹화 시작")
        await is_being_recorded(refuses, "박준호", GRANTS)
        await park.sees(f"녹화하지 않음: {REFUSES}")

        await comes_in(park, postpones, POSTPONES, group.links[POSTPONES], None)
        await refuses.sees(re.compile(f"녹화하지 않음: (?=.*{REFUSES})(?=.*{POSTPONES})"))
        for person in (park, refuses, grants):  # the question is one person's alone
            await expect(person.page.get_by_role("alertdialog")).to_have_count(0)
        answered = await answers_the_private_question(postpones, "동의합니다")
        await is_being_recorded(grants, "박준호", GRANTS, POSTPONES)

        await grants.answer_own_consent("동의하지 않습니다")
        withdrawn = time.time()
        await refuses.sees(re.compile(f"녹화하지 않음: (?=.*{REFUSES})(?=.*{GRANTS})"))
        await refuses.says("저는 녹화하지 않아도 이야기할 수 있네요")
        for name in (REFUSES, GRANTS):
            await park.sees_moving(name)
        await at_least(2 * WRITTEN_WITHIN_S, withdrawn)
        await park.leave_room("모두 끝내기")
        await grants.sees("동의하신 화면 녹화")  # until the withdrawal
        await refuses.sees("목소리와 모습은 녹화되지 않았습니다.")

        made = await recorded(desk, group.card["id"])
        assert made.spans(REFUSES) == {}
        assert on_disk(product, group.seat(REFUSES)) == []
        assert set(made.spans("박준호")) == set(made.spans(GRANTS)) == set(made.spans(POSTPONES)) == EVERYTHING
        for spans in made.spans(GRANTS).values():
            assert spans[-1][1] <= made.position_s(withdrawn) + WRITTEN_WITHIN_S
        for spans in made.spans(POSTPONES).values():
            assert spans[0][0] >= made.position_s(answered)
        for spans in made.spans("박준호").values():  # it did go on for the others
            assert spans[-1][1] > made.position_s(withdrawn) + WRITTEN_WITHIN_S
        assert on_disk(product, group.seat(GRANTS))


def on_disk(product: Product, seat: str) -> list[Path]:
    """Everything that was written of this seat, wherever it lies now."""
    return [path for path in product.data_dir.rglob("*.spool") if seat in path.name]


CHOOSES = """(() => {{
    const choices = [...document.querySelectorAll("label")].filter((one) => one.innerText.trim() === {name!r});
    choices.forEach((one) => one.click());
    return choices.length > 0;
}})()"""


async def test_a_seeker_with_firefox_agrees_and_is_seen_in_the_recording(
    product: Product, browser: Browser, firefox_path: str
) -> None:
    async with at_the_desk(product, "정유나") as desk, firefox(firefox_path) as fox:
        appointment, link = await booked(desk, "배수아", recording=True)
        tab = await fox.open(link)
        await until_true(fox, tab, CHOOSES.format(name="동의합니다"))
        await until_true(fox, tab, PRESS.format(name="저장하고 다음으로"))
        await until_true(fox, tab, PRESS.format(name="대기실로 들어가기"))
        jung = await host(browser)
        await jung.sign_in(product, "정유나")
        await jung.enter(product, appointment)
        await jung.admit("배수아")
        await jung.sees_moving("배수아")
        await jung.press("녹화 시작")
        await answers_the_private_question(jung, "동의하지 않습니다")
        await at_least(7.0, await is_being_recorded(jung, "배수아"))
        await until_true(fox, tab, SEES.format(text="녹화 중: 배수아"))
        await jung.leave_room("모두 끝내기")
        await until_true(fox, tab, SEES.format(text="동의하신 목소리 녹음"))

        made = await recorded(desk, appointment)
        assert made.spans("정유나") == {}
        assert set(made.spans("배수아")) == EVERYTHING
        await plays(jung, product, made, [(0.5, made.duration_s - 0.5)])
