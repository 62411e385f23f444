"""An employer's postings over the API, on both databases: made, edited, closed; and who applied."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from server.actions.sample_people import resume_pdf
from server.domain.interviews import Kit
from server.domain.people import Language, Person
from server.domain.postings import APPLICANTS_MAX, OPEN_POSTINGS_MAX
from server.storage.tables.interviews import applications, postings
from server.storage.tables.people import people, registrations
from server.storage.unit_of_work import Database
from tests.hiring import ANCHORS, POSTING, applicant, deeds, hiring_world, made, row, three
from tests.world import (
    HOUR,
    NOW,
    ORIGIN,
    SCOPE,
    Browser,
    Browsers,
    World,
    new_id,
    served,
    services_of,
)


@pytest.fixture
async def world(database: Database) -> World:
    return await hiring_world(database)


@pytest.fixture
async def browsers(world: World, tmp_path: Path) -> AsyncIterator[Browsers]:
    async with served(services_of(world, tmp_path)) as browser:
        yield browser


@pytest.fixture
async def lead(browsers: Browsers) -> Browser:
    return await browsers().sign_in("lead")


async def test_a_posting_is_made_with_its_kit_and_listed_newest_first(lead: Browser, world: World) -> None:
    first = await made(lead)
    world.clock.now += timedelta(minutes=1)
    await made(lead, title="회계 담당(견본)")
    assert [(one["text"], one["minutes"]) for one in first["kit"]["questions"]] == [
        ("자기소개를 해 주세요", 3),
        ("재고 차이를 찾은 경험", 5),
    ]
    assert first["kit"]["attributes"][0]["anchors"] == ANCHORS
    assert [one["title"] for one in await lead.get("/api/postings")] == ["회계 담당(견본)", "물류 사무원(견본)"]
    assert await deeds(world, "posting.") == ["posting.created", "posting.created"]


async def test_a_repeated_create_is_the_same_create(lead: Browser) -> None:
    key = {"Idempotency-Key": "again"}
    one, two = [await lead.post("/api/postings", POSTING, 201, **key) for _ in range(2)]
    assert one["id"] == two["id"]
    assert len(await lead.get("/api/postings")) == 1


@pytest.mark.parametrize("name", ["lead", "hr"])
async def test_the_lead_and_the_employers_administrator_make_postings(browsers: Browsers, name: str) -> None:
    await made(await browsers().sign_in(name))


@pytest.mark.parametrize("name", ["panel", "kim", "admin"])
async def test_nobody_else_makes_postings_and_a_centre_has_none(browsers: Browsers, name: str) -> None:
    await (await browsers().sign_in(name)).post("/api/postings", POSTING, 403)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "가" * 101},
        {"questions": [{"text": "질문", "minutes": 3}] * 31},
        {"questions": [{"text": "가" * 301, "minutes": 3}]},
        {"questions": [{"text": "질문", "minutes": 61}]},
        {"questions": [{"text": " ", "minutes": 3}]},
        {"attributes": [{"name": "정확성", "anchors": ANCHORS}] * 13},
        {"attributes": [{"name": "가" * 61, "anchors": ANCHORS}]},
        {"attributes": [{"name": "정확성", "anchors": {**ANCHORS, "5": "가" * 201}}]},
        {"attributes": [{"name": "정확성", "anchors": {"1": "어렵다", "5": "돕는다"}}]},
        {"attributes": [{"name": "정확성", "anchors": {**ANCHORS, "2": "그 사이"}}]},
        {"salary": 3000},
    ],
)
async def test_what_is_too_long_too_much_or_unknown_is_refused(lead: Browser, wrong: dict[str, Any]) -> None:
    await lead.post("/api/postings", {**POSTING, **wrong}, 422)
    assert await lead.get("/api/postings") == []


async def test_a_kit_as_large_as_may_be_is_kept(lead: Browser) -> None:
    largest = {
        "title": "가" * 100,
        "questions": [{"text": "가" * 300, "minutes": 60}] * 30,
        "attributes": [{"name": "가" * 60, "anchors": dict.fromkeys(ANCHORS, "가" * 200)}] * 12,
    }
    kit = (await lead.post("/api/postings", largest, 201))["kit"]
    assert (len(kit["questions"]), len(kit["attributes"])) == (30, 12)


async def test_an_employer_has_so_many_open_postings_and_no_more(lead: Browser, world: World) -> None:
    open_one = {"tenant_id": world.tenants["employer"].id, "kit": Kit((), ()), "created_at": NOW, "version": 1}
    async with world.database.write(SCOPE) as uow:
        await uow.execute(
            insert(postings), [{"id": new_id(), "title": str(n), **open_one} for n in range(OPEN_POSTINGS_MAX)]
        )
    assert (await lead.post("/api/postings", POSTING, 409))["code"] == "postings_full"
    listed = await lead.get("/api/postings")
    assert len(listed) == OPEN_POSTINGS_MAX
    await lead.post(f"/api/postings/{listed[0]['id']}/close")
    await made(lead)
    assert (await lead.post(f"/api/postings/{listed[0]['id']}/reopen", None, 409))["code"] == "postings_full"


async def test_closed_postings_stand_on_pages_of_their_own(lead: Browser, world: World) -> None:
    for title in ("가", "나", "다"):
        posting = await made(lead, title=title)
        world.clock.now += timedelta(minutes=1)
        await lead.post(f"/api/postings/{posting['id']}/close")
    assert await lead.get("/api/postings") == []
    for skip, titles in ((0, ["다", "나"]), (2, ["가"])):
        page = await lead.get(f"/api/postings?closed=true&skip={skip}&limit=2")
        assert [one["title"] for one in page] == titles
    await lead.get("/api/postings?limit=201", 422)


async def test_two_edits_at_once_do_not_overwrite_each_other(lead: Browser) -> None:
    posting = await made(lead)
    path = f"/api/postings/{posting['id']}"
    edited = await lead.expect("PUT", path, {**POSTING, "title": "야간 사무원", "version": 1}, 200)
    assert (edited["title"], edited["version"]) == ("야간 사무원", 2)
    late = await lead.expect("PUT", path, {**POSTING, "version": 1}, 409)
    assert late["code"] == "posting_changed_elsewhere"


async def test_a_scorecard_keeps_the_attributes_it_was_begun_with(
    lead: Browser, browsers: Browsers, world: World
) -> None:
    posting = await made(lead)
    ids = await three(lead, posting)
    begun, submitted, unbegun = await lead.post(f"/api/postings/{posting['id']}/interviews", row(world, ids), 201)
    before = {one["id"]: 3 for one in posting["kit"]["attributes"]}
    judgement = {"ratings": before, "recommendation": "yes", "comment": ""}
    for interview in (begun, submitted):
        await lead.expect("PUT", f"/api/appointments/{interview['id']}/scorecard", judgement, 200)
    await lead.post(f"/api/appointments/{submitted['id']}/scorecard/submit")
    edit = {**POSTING, "attributes": [{"name": "책임감", "anchors": ANCHORS}], "questions": [], "version": 1}
    await lead.expect("PUT", f"/api/postings/{posting['id']}", edit, 200)

    panel = await browsers().sign_in("panel")
    for browser in (lead, panel):  # one interview is judged by one kit, also by who begins later
        for interview in (begun, submitted):
            card = await browser.get(f"/api/appointments/{interview['id']}/scorecard")
            assert [one["name"] for one in card["kit"]["attributes"]] == ["정확성", "의사소통"]
        new = await browser.get(f"/api/appointments/{unbegun['id']}/scorecard")
        assert [one["name"] for one in new["kit"]["attributes"]] == ["책임감"]
    assert (await lead.get(f"/api/appointments/{submitted['id']}/scorecard"))["ratings"] == before
    await panel.expect("PUT", f"/api/appointments/{begun['id']}/scorecard", judgement, 200)
    await lead.post(f"/api/appointments/{begun['id']}/scorecard/submit")


async def test_a_closed_posting_takes_no_applicants_and_its_interviews_go_on(lead: Browser, world: World) -> None:
    posting = await made(lead)
    path = f"/api/postings/{posting['id']}"
    ids = await three(lead, posting)
    (interview,) = await lead.post(f"{path}/interviews", row(world, ids[:1]), 201)
    assert (await lead.post(f"{path}/close"))["closed_at"] is not None
    assert (await applicant(lead, posting, "늦은이", "01099998888", 409))["code"] == "posting_closed"
    assert (await lead.get(f"/api/appointments/{interview['id']}"))["status"] == "confirmed"
    await lead.post(f"{path}/interviews", row(world, ids[1:], starts_at=(NOW + 3 * HOUR).isoformat()), 201)
    assert (await lead.post(f"{path}/reopen"))["closed_at"] is None
    await applicant(lead, posting, "늦은이", "01099998888")
    assert await deeds(world, "posting.") == ["posting.created", "posting.closed", "posting.reopened"]


async def test_the_same_person_by_phone_is_made_once_for_all_postings(lead: Browser, world: World) -> None:
    one, two = await made(lead), await made(lead, title="회계 담당")
    first = await applicant(lead, one, "김 하나", "010-5555-6666")
    second = await applicant(lead, two, "김하나", "+82 10 5555 6666")
    assert first["seeker"] == second["seeker"]
    assert (await applicant(lead, one, "김하나", "01055556666", 409))["code"] == "already_applied"
    assert (await applicant(lead, two, "박둘", "01055556666", 409))["code"] == "applicant_name_differs"
    async with world.database.read(SCOPE) as uow:
        assert len(await uow.rows(Person).where(people.c.phone == "01055556666")) == 1


async def test_whom_another_organisation_knows_by_this_number_is_nobody_here(lead: Browser, browsers: Browsers) -> None:
    kim = await browsers().sign_in("kim")
    known = await kim.post("/api/seekers", {"name": "박둘", "phone": "01055556666"}, 201)
    taken = await applicant(lead, await made(lead), "김하나", "01055556666")
    assert taken["seeker"]["id"] != known["id"]


async def test_the_same_person_taken_in_twice_at_once_is_one_person(lead: Browser, world: World) -> None:
    one, two = await made(lead), await made(lead, title="회계 담당")
    taken = await asyncio.gather(*(applicant(lead, posting, "김하나", "01055556666") for posting in (one, two)))
    assert len({answer["seeker"]["id"] for answer in taken}) == 1


async def test_a_posting_has_so_many_applicants_and_no_more(lead: Browser, world: World) -> None:
    posting = await made(lead)
    employer = world.tenants["employer"].id
    ids = [new_id() for _ in range(APPLICANTS_MAX)]
    persons = [{"id": one, "name": "견본", "phone": None, "lang": Language.KO, "created_at": NOW} for one in ids]
    applied = {"tenant_id": employer, "posting_id": posting["id"], "applied_at": NOW}
    async with world.database.write(SCOPE) as uow:
        await uow.execute(insert(people), persons)
        known = {"tenant_id": employer, "responsible_id": world.staff["lead"].id, "registered_at": NOW}
        await uow.execute(insert(registrations), [{"person_id": one, **known} for one in ids])
        await uow.execute(insert(applications), [{"id": new_id(), "seeker_id": one, **applied} for one in ids])
    assert (await applicant(lead, posting, "한 사람 더", "01099998888", 409))["code"] == "applicants_full"
    assert len((await lead.get(f"/api/postings/{posting['id']}"))["applications"]) == APPLICANTS_MAX


@pytest.mark.parametrize("wrong", [{"name": "\u200b"}, {"phone": "1234"}, {"age": 30}])
async def test_an_applicant_needs_a_name_and_a_number_and_nothing_else(lead: Browser, wrong: dict[str, Any]) -> None:
    posting = await made(lead)
    body = {"name": "김하나", "phone": "01055556666", **wrong}
    await lead.post(f"/api/postings/{posting['id']}/applications", body, 422)


async def test_a_resume_stands_with_its_application_and_an_administrator_does_not_see_it(
    lead: Browser, browsers: Browsers
) -> None:
    posting = await made(lead)
    application = await applicant(lead, posting, "김하나", "01055556666")
    kept = await lead.client.post(
        f"/api/documents?title=이력서&application_id={application['id']}",
        data=resume_pdf("kim"),
        headers={"Content-Type": "application/pdf", "Origin": ORIGIN},
    )
    assert kept.status == 201
    await lead.post(f"/api/applications/{application['id']}/decision", {"decision": "on_hold"})
    seen = (await lead.get(f"/api/postings/{posting['id']}"))["applications"][0]
    assert ([one["title"] for one in seen["documents"]], seen["decision"]) == (["이력서"], "on_hold")
    hr = await browsers().sign_in("hr")
    planned = (await hr.get(f"/api/postings/{posting['id']}"))["applications"][0]
    assert (planned["seeker"]["name"], planned["documents"], planned["decision"]) == ("김하나", [], None)
    await hr.get(f"/api/documents/{seen['documents'][0]['id']}", 403)


async def test_a_withdrawal_says_why_and_calls_off_what_has_not_begun(lead: Browser, world: World) -> None:
    posting = await made(lead)
    ids = await three(lead, posting)
    path = f"/api/applications/{ids[0]}/withdraw"
    (interview,) = await lead.post(f"/api/postings/{posting['id']}/interviews", row(world, ids[:1]), 201)
    assert (await lead.post(path, {"reason": " "}, 422))["code"] == "reason_missing"
    gone = await lead.post(path, {"reason": "다른 곳에 취업"})
    assert (gone["withdrawal_reason"], gone["interviews"]) == ("다른 곳에 취업", [])
    cancelled = await lead.get(f"/api/appointments/{interview['id']}")
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "다른 곳에 취업")
    assert (await lead.post(path, {"reason": "다시"}, 409))["code"] == "application_withdrawn"
    refused = await lead.post(f"/api/postings/{posting['id']}/interviews", row(world, ids[:1]), 409)
    assert refused["code"] == "application_withdrawn"
    alone = {"kind": "interview", "application_id": ids[0], "host_ids": [world.staff["lead"].id]}
    when = {"starts_at": (NOW + HOUR).isoformat(), "minutes": 25}
    assert (await lead.post("/api/appointments", {**alone, **when}, 409))["code"] == "application_withdrawn"
    # Whoever comes back has the same application as before.
    again = await applicant(lead, posting, "지원자1", "01077770001")
    assert (again["id"], again["withdrawn_at"]) == (ids[0], None)
    assert await deeds(world, "application.w") == ["application.withdrawn"]
