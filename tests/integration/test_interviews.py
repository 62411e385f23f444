"""An employer's interviews over the API: candidates of the day, scorecards that hide each other, the decision."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.domain.appointments import Appointment, Seat, Status
from server.domain.interviews import Application, Attribute, Kit, Posting, Question
from server.domain.people import Role, Staff
from server.storage.tables.appointments import seats
from server.storage.tables.trail import audit
from server.storage.unit_of_work import Database
from tests.journal import opened
from tests.world import HOUR, NOW, SCOPE, Browser, Browsers, World, make_world, new_id, served, services_of

ANCHORS = {1: "어렵다", 3: "스스로 한다", 5: "남을 돕는다"}
KIT = Kit(
    questions=(Question("q1", "재고 차이를 찾은 경험을 말해 주세요", 5),),
    attributes=(Attribute("accuracy", "정확성", ANCHORS), Attribute("speech", "의사소통", ANCHORS)),
)
FULL = {"ratings": {"accuracy": 4, "speech": 3}, "recommendation": "yes", "comment": "차분하게 설명함"}


@dataclass
class Hiring:
    """A posting with one application and its interview today."""

    world: World
    posting: Posting
    application: Application
    interview: Appointment

    @property
    def path(self) -> str:
        return f"/api/appointments/{self.interview.id}"


@pytest.fixture
async def hiring(sqlite_url: str) -> AsyncIterator[Hiring]:
    world = await make_world(Database(sqlite_url))
    employer = world.tenants["employer"].id
    posting = Posting(id=new_id(), tenant_id=employer, title="물류 사무원(견본)", kit=KIT, created_at=NOW)
    application = Application(
        id=new_id(),
        tenant_id=employer,
        posting_id=posting.id,
        seeker_id=world.seekers["jung"].id,
        applied_at=NOW,
    )
    async with world.database.write(SCOPE) as uow:
        await uow.rows(Posting).add(posting)
        await uow.rows(Application).add(application)
    interview = await world.interview(application_id=application.id)
    yield Hiring(world, posting, application, interview)
    await world.database.close()


@pytest.fixture
async def browsers(hiring: Hiring, tmp_path: Path) -> AsyncIterator[Browsers]:
    async with served(services_of(hiring.world, tmp_path)) as browser:
        yield browser


@pytest.fixture
async def lead(browsers: Browsers) -> Browser:
    return await browsers().sign_in("lead")


@pytest.fixture
async def panel(browsers: Browsers) -> Browser:
    return await browsers().sign_in("panel")


async def put(browser: Browser, hiring: Hiring, card: dict[str, Any], status: int = 200) -> Any:
    return await browser.expect("PUT", f"{hiring.path}/scorecard", card, status)


async def test_candidates_of_the_day_stand_in_the_order_of_their_interviews(lead: Browser, hiring: Hiring) -> None:
    world = hiring.world
    earlier = await world.book(
        "lead", hiring.interview.kind, ("jung",), ("lead",), NOW, 25, application_id=hiring.application.id
    )
    await world.interview(at=NOW + timedelta(days=1), application_id=hiring.application.id)
    assert [(one["title"], one["candidates_today"]) for one in await lead.get("/api/postings")] == [
        ("물류 사무원(견본)", 2)
    ]
    posting = await lead.get(f"/api/postings/{hiring.posting.id}")
    assert [one["appointment_id"] for one in posting["candidates"]] == [earlier.id, hiring.interview.id]
    assert [one["seeker"]["name"] for one in posting["applications"]] == ["견본 jung"]
    assert posting["kit"]["attributes"][0]["anchors"] == {"1": "어렵다", "3": "스스로 한다", "5": "남을 돕는다"}


async def test_a_centre_sees_no_posting(browsers: Browsers, hiring: Hiring) -> None:
    kim = await browsers().sign_in("kim")
    await kim.get("/api/postings", 403)
    await kim.get(f"{hiring.path}/scorecard", 403)


async def test_the_others_card_is_hidden_until_ones_own_is_submitted(
    lead: Browser, panel: Browser, hiring: Hiring
) -> None:
    await judge(lead, hiring)
    for card in (None, FULL):
        if card is not None:
            await put(panel, hiring, card)
        hidden = await panel.get(f"{hiring.path}/scorecards", 403)
        assert hidden["code"] == "scorecard_own_first"
        assert "차분" not in str(hidden)
    await panel.post(f"{hiring.path}/scorecard/submit")
    shown = await panel.get(f"{hiring.path}/scorecards")
    assert [(one["interviewer"]["name"], one["ratings"]) for one in shown] == [("견본 lead", FULL["ratings"])]


async def test_a_draft_is_kept_and_a_submitted_card_is_locked(lead: Browser, hiring: Hiring) -> None:
    empty = await lead.get(f"{hiring.path}/scorecard")
    assert (empty["status"], empty["candidate"]["name"]) == ("not_started", "견본 jung")
    draft = await put(lead, hiring, {"ratings": {"accuracy": 5}, "recommendation": None, "comment": ""})
    assert (draft["status"], draft["ratings"]) == ("draft", {"accuracy": 5})
    incomplete = await lead.post(f"{hiring.path}/scorecard/submit", status=422)
    assert incomplete["code"] == "scorecard_incomplete"
    await put(lead, hiring, FULL)
    assert (await lead.post(f"{hiring.path}/scorecard/submit"))["status"] == "submitted"
    assert (await put(lead, hiring, FULL, 409))["code"] == "scorecard_submitted"
    assert (await lead.post(f"{hiring.path}/scorecard/submit", status=409))["code"] == "scorecard_submitted"


@pytest.mark.parametrize("ratings", [{"accuracy": 6}, {"accuracy": 0}, {"accuracy": 4.5}, {"age": 3}])
async def test_a_rating_outside_the_kit_is_refused(lead: Browser, hiring: Hiring, ratings: dict[str, float]) -> None:
    answer = await put(lead, hiring, {"ratings": ratings, "recommendation": None, "comment": ""}, 422)
    assert answer["code"] in ("request_malformed", "scorecard_rating_unknown")


async def judge(browser: Browser, hiring: Hiring) -> None:
    """Submit one's own card."""
    await put(browser, hiring, FULL)
    await browser.post(f"{hiring.path}/scorecard/submit")


async def decision_seen_by(browser: Browser, hiring: Hiring) -> tuple[str | None, str | None]:
    """Of the applicant, and of today's candidate."""
    posting = await browser.get(f"/api/postings/{hiring.posting.id}")
    return posting["applications"][0]["decision"], posting["candidates"][0]["decision"]


async def test_nobody_decides_before_they_have_judged(lead: Browser, panel: Browser, hiring: Hiring) -> None:
    path = f"/api/applications/{hiring.application.id}/decision"
    await judge(panel, hiring)
    await put(lead, hiring, FULL)
    refused = await lead.post(path, {"decision": "passed"}, 409)
    assert refused["code"] == "decision_before_scorecard"
    assert await decision_seen_by(lead, hiring) == (None, None)
    await lead.post(f"{hiring.path}/scorecard/submit")
    assert (await lead.post(path, {"decision": "passed"}))["decision"] == "passed"


async def test_a_lead_who_did_not_interview_decides_once_somebody_has_judged(
    lead: Browser, browsers: Browsers, hiring: Hiring
) -> None:
    world = hiring.world
    async with world.database.write(SCOPE) as uow:
        await uow.rows(Staff).save(replace(world.staff["panel"], role=Role.LEAD_INTERVIEWER))
        seat = (await world.seats(hiring.interview))["panel"]
        await uow.rows(Seat).delete(seats.c.id == seat.id)
    other, path = await browsers().sign_in("panel"), f"/api/applications/{hiring.application.id}/decision"
    assert (await other.post(path, {"decision": "passed"}, 409))["code"] == "decision_before_scorecard"
    await judge(lead, hiring)
    assert (await other.post(path, {"decision": "passed"}))["decision"] == "passed"


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
async def test_an_interview_that_was_never_held_asks_for_no_card(lead: Browser, hiring: Hiring, status: Status) -> None:
    async with hiring.world.database.write(SCOPE) as uow:
        await uow.rows(Appointment).save(replace(hiring.interview, status=status))
    path = f"/api/applications/{hiring.application.id}/decision"
    assert (await lead.post(path, {"decision": "failed"}))["decision"] == "failed"


async def test_the_decision_is_hidden_from_an_interviewer_until_their_own_card_is_submitted(
    lead: Browser, panel: Browser, hiring: Hiring
) -> None:
    await judge(lead, hiring)
    await lead.post(f"/api/applications/{hiring.application.id}/decision", {"decision": "passed"})
    assert await decision_seen_by(lead, hiring) == ("passed", "passed")
    await put(panel, hiring, FULL)
    assert await decision_seen_by(panel, hiring) == (None, None)
    await panel.post(f"{hiring.path}/scorecard/submit")
    assert await decision_seen_by(panel, hiring) == ("passed", "passed")


async def test_an_interview_booked_after_the_decision_hides_it_from_nobody(lead: Browser, hiring: Hiring) -> None:
    await judge(lead, hiring)
    await lead.post(f"/api/applications/{hiring.application.id}/decision", {"decision": "next_stage"})
    hiring.world.clock.now += timedelta(minutes=1)
    await hiring.world.interview(at=NOW + 3 * HOUR, application_id=hiring.application.id)
    assert await decision_seen_by(lead, hiring) == ("next_stage", "next_stage")


async def test_only_the_lead_decides_and_a_second_decision_says_why(
    lead: Browser, panel: Browser, hiring: Hiring
) -> None:
    path = f"/api/applications/{hiring.application.id}/decision"
    await judge(panel, hiring)
    await judge(lead, hiring)
    await panel.post(path, {"decision": "passed"}, 403)
    first = await lead.post(path, {"decision": "on_hold"})
    assert (first["decision"], first["decided_by"]) == ("on_hold", hiring.world.staff["lead"].id)
    assert (await lead.post(path, {"decision": "passed"}, 422))["code"] == "decision_reason_missing"
    assert (await lead.post(path, {"decision": "passed", "reason": "서류 확인"}))["decision"] == "passed"
    async with hiring.world.database.read(SCOPE) as uow:
        rows = (await uow.execute(audit.select().where(audit.c.action == "application.decided"))).all()
    assert [(row.actor_id, row.reason) for row in rows] == [
        (hiring.world.staff["lead"].id, reason) for reason in (None, "서류 확인")
    ]


async def test_a_decision_stands_on_the_cards_that_were_submitted_and_on_no_other(
    lead: Browser, panel: Browser, hiring: Hiring
) -> None:
    await put(lead, hiring, FULL)
    submitted = await lead.post(f"{hiring.path}/scorecard/submit")
    assert submitted["decision"] is None
    decision = f"/api/applications/{hiring.application.id}/decision"
    await lead.post(decision, {"decision": "on_hold", "reason": "서류 확인"})
    standing = (await lead.get(f"{hiring.path}/scorecard"))["decision"]
    assert (standing["decision"], standing["decided_by"]["name"], standing["reason"]) == (
        "on_hold",
        "견본 lead",
        "서류 확인",
    )
    assert standing["decided_at"] is not None
    assert (await panel.get(f"{hiring.path}/scorecard"))["decision"] is None


async def test_nothing_of_an_interview_reaches_the_seeker_by_itself(
    lead: Browser, browsers: Browsers, hiring: Hiring
) -> None:
    world = hiring.world
    secret = await world.link(hiring.interview, "lead")
    journal = await opened(world, hiring.interview)
    await journal.attend("jung", hiring.interview.starts_at, 50)
    await journal.attend("lead", hiring.interview.starts_at, 50)
    await journal.tell(hiring.interview.ends_at, "call_ended", by=journal.seats["lead"].id, cause="host")
    world.clock.now = hiring.interview.ends_at
    await judge(lead, hiring)
    await lead.post(f"/api/applications/{hiring.application.id}/decision", {"decision": "passed"})
    seeker = browsers()
    page = [await seeker.open_link(secret), await seeker.get("/api/visit"), await seeker.get("/api/visit/after")]
    assert not any(word in str(page) for word in ("차분", "passed", "accuracy", "scorecard"))


async def test_an_interview_of_another_day_or_employer_is_not_found(browsers: Browsers, hiring: Hiring) -> None:
    counselling = await hiring.world.book(at=NOW + 5 * HOUR)
    lead = await browsers().sign_in("lead")
    await lead.get(f"/api/appointments/{counselling.id}/scorecard", 404)
    await lead.get(f"/api/postings/{new_id()}", 404)
