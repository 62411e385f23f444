"""Interviews of a posting's applicants, booked in a row or one by one, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.domain.appointments import Kind
from server.domain.postings import IN_A_ROW_MAX
from server.storage.tables.appointments import appointments, occupancy
from server.storage.unit_of_work import Database
from tests.hiring import NONE, POSTING, applicant, hiring_world, made, row, three
from tests.world import (
    HOUR,
    NOW,
    SCOPE,
    Browser,
    Browsers,
    World,
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


async def test_interviews_are_booked_in_a_row_with_the_questions_as_agenda(lead: Browser, world: World) -> None:
    posting = await made(lead)
    ids = await three(lead, posting)
    booked = await lead.post(f"/api/postings/{posting['id']}/interviews", row(world, ids[::-1]), 201)
    assert [one["application_id"] for one in booked] == ids[::-1]
    start = NOW + HOUR
    assert [one["starts_at"] for one in booked] == [
        (start + n * timedelta(minutes=30)).isoformat().replace("+00:00", "Z") for n in range(3)
    ]
    for one in booked:
        assert [(item["text"], item["minutes"]) for item in one["agenda"]] == [
            ("자기소개를 해 주세요", 3),
            ("재고 차이를 찾은 경험", 5),
        ]
        assert [seat["role"] for seat in one["seats"]] == ["host", "panel", "guest"]
    page = await lead.get(f"/api/postings/{posting['id']}")
    assert [len(one["interviews"]) for one in page["applications"]] == [1, 1, 1]
    assert [one["application_id"] for one in page["candidates"]] == ids[::-1]


async def test_an_interview_booked_alone_has_the_title_and_the_questions_too(lead: Browser, world: World) -> None:
    posting = await made(lead)
    application = await applicant(lead, posting, "김하나", "01055556666")
    wish = {"kind": "interview", "application_id": application["id"], "host_ids": [world.staff["lead"].id]}
    card = await lead.post("/api/appointments", {**wish, "starts_at": (NOW + HOUR).isoformat(), "minutes": 25}, 201)
    assert [item["text"] for item in card["agenda"]] == ["자기소개를 해 주세요", "재고 차이를 찾은 경험"]
    assert card["title"] == POSTING["title"]


async def test_a_row_that_does_not_fit_books_nothing_and_says_where(lead: Browser, world: World) -> None:
    posting = await made(lead)
    ids = await three(lead, posting)
    await world.book("lead", Kind.INTERVIEW, ("han",), ("panel",), NOW + HOUR + timedelta(minutes=40), 20)
    before = await counted(world)
    refused = await lead.post(f"/api/postings/{posting['id']}/interviews", row(world, ids), 409)
    assert (refused["code"], refused["details"]["number"]) == ("host_busy", 2)
    assert await counted(world) == before


async def test_two_rows_at_once_for_the_same_people_book_one(lead: Browser, world: World) -> None:
    posting = await made(lead)
    ids = await three(lead, posting)
    path = f"/api/postings/{posting['id']}/interviews"
    answers = await asyncio.gather(*(lead.send("POST", path, row(world, ids)) for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [201, 409]
    page = await lead.get(f"/api/postings/{posting['id']}")
    assert [len(one["interviews"]) for one in page["applications"]] == [1, 1, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"application_ids": []},
        {"application_ids": [NONE] * (IN_A_ROW_MAX + 1)},
        {"application_ids": [NONE]},
        {"break_minutes": 7},
        {"break_minutes": 125},
        {"minutes": 7},
        {"host_ids": []},
        {"host_ids": [NONE]},
        {"starts_at": (NOW - HOUR).isoformat()},
        {"room": 1},
    ],
)
async def test_a_row_that_makes_no_sense_is_refused(lead: Browser, world: World, wrong: dict[str, Any]) -> None:
    posting = await made(lead)
    application = await applicant(lead, posting, "김하나", "01055556666")
    await lead.post(f"/api/postings/{posting['id']}/interviews", row(world, [application["id"]], **wrong), 422)


async def test_an_application_of_another_posting_or_one_named_twice_is_refused(lead: Browser, world: World) -> None:
    one, two = await made(lead), await made(lead, title="회계 담당")
    ids = await three(lead, one)
    for posting, chosen in ((two, ids[:1]), (one, [ids[0], ids[0]])):
        refused = await lead.post(f"/api/postings/{posting['id']}/interviews", row(world, chosen), 422)
        assert refused["code"] == "people_invalid"


async def counted(world: World) -> tuple[int, int]:
    async with world.database.read(SCOPE) as uow:
        booked = (await uow.execute(select(appointments.c.id))).all()
        return len(booked), len((await uow.execute(select(occupancy.c.bucket))).all())
