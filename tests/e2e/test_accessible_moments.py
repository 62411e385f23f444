"""Screens that only a story leads to, without an axe violation: an interview and what comes of it, what failed."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Browser, Route, expect

from tests.e2e.axe import faults, no_fault_in_any_look, speaks
from tests.e2e.desk import Desk, around_now, at_the_sample_desk
from tests.e2e.papers import is_drawn
from tests.e2e.people import DESKTOP, PHONE, WITHIN_MS, Host, Person, Seeker, context, host, seeker
from tests.e2e.product import SampleProduct

RESUME = "이력서 (견본)"
WORDS = {
    "ko": {
        "questions": "면접 질문",
        "alone": "나만 보기",
        "show": "함께 보기",
        "hide": "그만 보기",
        "consent": "내 녹화 동의",
        "more": "더 보기",
    },
    "en": {
        "questions": "Interview questions",
        "alone": "View alone",
        "show": "Show to all",
        "hide": "Stop showing",
        "consent": "My recording consent",
        "more": "More",
    },
}


async def no_fault(person: Person, where: str) -> None:
    assert (where, await faults(person.page)) == (where, [])


async def card_of(desk: Desk, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sample appointment with this guest, and their seat."""
    cards = await desk.ask("GET", around_now())
    card = next(one for one in cards if any(seat["name"].startswith(name) for seat in one["seats"]))
    return card, next(seat for seat in card["seats"] if not seat["staff"])


async def test_no_screen_of_an_interview_has_a_fault_and_none_of_what_comes_of_it(
    samples: SampleProduct, browser: Browser
) -> None:
    lee, oh = await host(browser), await seeker(browser)
    async with at_the_sample_desk(samples, "이정민") as desk:
        card, guest = await card_of(desk, "오민석")
        await oh.open(await desk.link(card, guest["person_id"]))
        await oh.answer_consents("동의합니다")
        await oh.pass_device_check()
        await oh.waits()
        await lee.sign_in_as(samples.product, *samples.account("이정민"))
        await lee.page.goto(f"{samples.product.url}/room/{card['id']}")
        await no_fault_in_any_look(lee.page)
        await speaks(lee.page, "ko")
        await lee.press("들어가기")
        await lee.press("입장 허용")
        await is_in_the_room(oh)
        for language in ("ko", "en"):
            for person in (lee, oh):
                await speaks(person.page, language)
                await is_in_the_room(person)
            for size in (DESKTOP, PHONE):
                await lee.page.set_viewport_size({"width": size["width"], "height": size["height"]})
                await no_panel_has_a_fault(lee, WORDS[language]["more"])
                await no_paper_has_a_fault(lee, oh, WORDS[language])
        await lee.page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})
        for person in (lee, oh):
            await speaks(person.page, "ko")
            await is_in_the_room(person)
        await record_and_end(lee, oh)
        for path in await what_came_of_it(samples, desk, card["id"]):
            await lee.page.goto(samples.product.url + path)
            await no_fault_in_any_look(lee.page)


async def is_in_the_room(person: Person) -> None:
    """With the other one; a reload leads back to the seat."""
    await expect(person.page.get_by_role("main").get_by_role("listitem")).to_have_count(2, timeout=WITHIN_MS)


async def no_panel_has_a_fault(person: Person, more: str) -> None:
    """The room, each panel that the bar opens, and the menu of the rest."""
    await no_fault(person, "room")
    bar, panel = person.page.get_by_role("navigation"), person.page.get_by_role("complementary")
    for control in await bar.locator("[aria-expanded]:not([aria-haspopup])").all():
        if not await control.is_visible():
            continue  # on a phone it is in the menu
        if await control.get_attribute("aria-expanded") == "false":
            await control.click()
        await expect(panel).to_be_visible(timeout=WITHIN_MS)
        await no_fault(person, str(await panel.get_attribute("aria-label")))
        await bar.get_by_role("button").first.click(trial=True, timeout=WITHIN_MS)  # nothing lies over the bar
        await panel.get_by_role("heading").first.focus()
        await person.page.keyboard.press("Escape")
        await expect(panel).to_have_count(0)
    await bar.get_by_role("button", name=more, exact=True).click()
    await expect(person.page.get_by_role("menu")).to_be_visible(timeout=WITHIN_MS)
    await no_fault(person, "menu")
    await person.page.keyboard.press("Escape")
    await expect(person.page.get_by_role("menu")).to_have_count(0)


async def no_paper_has_a_fault(lee: Host, oh: Seeker, words: dict[str, str]) -> None:
    """The résumé read alone, then shown to all; and one's own consent."""
    await open_questions(lee, words)
    await lee.press(f"{RESUME}: {words['alone']}")
    reading = lee.page.get_by_role("complementary").filter(has=lee.page.get_by_role("figure"))
    await is_drawn(reading)
    await no_fault(lee, "read alone")
    await reading.get_by_role("heading").focus()
    await lee.page.keyboard.press("Escape")
    await expect(reading).to_have_count(0)

    await open_questions(lee, words)
    await lee.press(f"{RESUME}: {words['show']}")
    for person in (lee, oh):
        await is_drawn(person.page.get_by_role("figure"))
        await no_fault(person, "shown to all")
    await lee.press(f"{RESUME}: {words['hide']}")
    await expect(oh.page.get_by_role("figure")).to_have_count(0, timeout=WITHIN_MS)
    await lee.page.get_by_role("complementary").get_by_role("heading").first.focus()
    await lee.page.keyboard.press("Escape")

    await lee.press(words["consent"])
    dialog = lee.page.get_by_role("dialog")
    await expect(dialog.get_by_role("radiogroup").first).to_be_visible(timeout=WITHIN_MS)
    await no_fault(lee, "consent")
    await lee.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def open_questions(lee: Host, words: dict[str, str]) -> None:
    """By the bar, or on a phone by the menu."""
    panel = lee.page.get_by_role("complementary", name=words["questions"])
    control = lee.page.get_by_role("navigation").get_by_role("button", name=words["questions"], exact=True)
    if await panel.count():
        return
    if await control.count():
        await control.click()
    else:
        await lee.press(words["more"])
        await lee.page.get_by_role("menuitem", name=words["questions"]).click(timeout=WITHIN_MS)
    await expect(panel).to_be_visible(timeout=WITHIN_MS)


async def record_and_end(lee: Host, oh: Seeker) -> None:
    await lee.answer_own_consent("동의합니다")
    await lee.press("녹화 시작")
    await oh.sees(re.compile("녹화 중: .*오민석"))
    await no_fault(oh, "recorded")
    await lee.leave_room("모두 끝내기")
    await oh.sees("면접에 참여해 주셔서 고맙습니다")


async def what_came_of_it(samples: SampleProduct, desk: Desk, appointment: str) -> list[str]:
    """The lead's pages once the file is made, both have judged and the lead has decided."""
    async with at_the_sample_desk(samples, "최유진") as choi:
        for one in (choi, desk):
            await judge(one, appointment)
    mine = await desk.ask("GET", f"/api/appointments/{appointment}/scorecard")
    await desk.ask("POST", f"/api/applications/{mine['application_id']}/decision", {"decision": "passed", "reason": ""})
    after = await desk.when(
        f"/api/appointments/{appointment}/after", lambda made: made["summary"] and made["recording"]
    )
    recording = f"/api/recordings/{after['recording']['id']}"
    await desk.when(recording, lambda made: made["status"] in ("available", "partial"))
    return [
        f"/desk/appointments/{appointment}/after",
        f"/desk/appointments/{appointment}/scorecard",
        f"/desk/recordings/{after['recording']['id']}",
        f"/desk/summaries/{after['summary']['id']}",
        f"/desk/book?after={appointment}",
    ]


async def judge(desk: Desk, appointment: str) -> None:
    path = f"/api/appointments/{appointment}/scorecard"
    card = await desk.ask("GET", path)
    ratings = {attribute["id"]: 4 for attribute in card["kit"]["attributes"]}
    await desk.ask("PUT", path, {"ratings": ratings, "recommendation": "yes", "comment": "경험을 순서대로 말했다"})
    await desk.ask("POST", f"{path}/submit")


async def test_no_page_of_what_is_shared_signed_made_or_failed_has_a_fault(
    samples: SampleProduct, browser: Browser
) -> None:
    kim = await host(browser)
    await kim.sign_in_as(samples.product, *samples.account("김서연"))
    async with at_the_sample_desk(samples, "김서연") as desk:
        unread = (await desk.when("/api/desk", lambda found: found["unapproved"]))["unapproved"][0]
        after = await desk.ask("GET", f"/api/appointments/{unread['appointment_id']}/after")
        await kim.page.goto(f"{samples.product.url}/desk/notes/{await signed_note(desk, after)}")
        await no_fault_in_any_look(kim.page)
        recording = after["recording"]["id"]
        for change in ({"status": "failed"}, {"status": "finalising", "job": None}):
            await kim.page.route(f"**/api/recordings/{recording}", answering(change))
            await kim.page.goto(f"{samples.product.url}/desk/recordings/{recording}")
            await no_fault_in_any_look(kim.page)
            await kim.page.unroute(f"**/api/recordings/{recording}")
        card = f"{samples.product.url}/api/appointments/{unread['appointment_id']}"
        for change in (
            {"status": "interrupted", "closed_at": None},
            {"status": "cancelled", "cancel_reason": "상담사 병가"},
        ):
            await kim.page.route(card, answering(change))
            await kim.page.goto(f"{samples.product.url}/desk/appointments/{unread['appointment_id']}")
            await no_fault_in_any_look(kim.page)
            await kim.page.unroute(card)
        visitor = await (await context(browser, DESKTOP)).new_page()
        await visitor.goto(await shared_summary(desk, unread["id"]))
        await no_fault_in_any_look(visitor)
        await visitor.goto(f"{samples.product.url}/shared#cut")
        await no_fault_in_any_look(visitor)
        await visitor.goto("about:blank")
        await visitor.goto(await link_for_tomorrow(desk))
        await expect(visitor.get_by_role("timer")).to_be_visible(timeout=WITHIN_MS)
        await no_fault_in_any_look(visitor)


async def signed_note(desk: Desk, after: dict[str, Any]) -> str:
    """The id of the sample note, signed and added to."""
    note = after["notes"][0]["id"]
    path = f"/api/notes/{note}"
    version = (await desk.ask("GET", path))["version"]
    saved = await desk.ask("PUT", path, {"text": "지원할 곳을 세 곳으로 좁혔다.", "version": version})
    await desk.ask("POST", f"{path}/sign", {"version": saved["version"]})
    await desk.ask("POST", f"{path}/amend", {"text": "한 곳을 더했다.", "reason": "전화로 알려 옴"})
    return str(note)


def answering(change: dict[str, Any]) -> Any:
    """Answer as the server does, but for this."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, json={**await response.json(), **change})

    return answer


async def shared_summary(desk: Desk, summary: str) -> str:
    """The link of this summary, approved and shared."""
    path = f"/api/summaries/{summary}"
    await desk.ask("POST", f"{path}/approve", {"version": (await desk.ask("GET", path))["version"]})
    return str((await desk.ask("POST", f"{path}/share"))["url"])


async def link_for_tomorrow(desk: Desk) -> str:
    """The link of somebody whose appointment is not open yet."""
    person = await desk.seeker("노견본")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    booked = await desk.book("counselling", person, starts_at=tomorrow.isoformat().replace("+00:00", "Z"))
    return await desk.link(booked, person)
