"""Which documents an appointment has, over the API: its own, and those of the application that it serves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.interviews import Application, Kit, Posting
from server.storage.unit_of_work import Database
from tests.world import NOW, ORIGIN, SCOPE, Browser, Browsers, World, make_world, new_id, served, services_of

_BODY = (
    b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n"
)
A_PDF = (
    _BODY
    + b"xref\n0 1\n0000000000 65535 f \n"
    + b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(_BODY)
)


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    database = Database(sqlite_url)
    yield await make_world(database)
    await database.close()


@pytest.fixture
async def browsers(world: World, tmp_path: Path) -> AsyncIterator[Browsers]:
    async with served(services_of(world, tmp_path)) as browser:
        yield browser


async def upload(browser: Browser, title: str, belongs_to: str) -> None:
    headers = {"Origin": ORIGIN, "Content-Type": "application/pdf"}
    answer = await browser.client.post(f"/api/documents?title={title}&{belongs_to}", data=A_PDF, headers=headers)
    assert answer.status == 201, await answer.text()


async def applied(world: World) -> str:
    """An application of the sample seeker to a posting of the employer."""
    tenant = world.tenants["employer"].id
    posting = Posting(id=new_id(), tenant_id=tenant, title="견본 공고", kit=Kit((), ()), created_at=NOW)
    application = Application(
        id=new_id(),
        tenant_id=tenant,
        posting_id=posting.id,
        seeker_id=world.seekers["jung"].id,
        applied_at=NOW,
    )
    async with world.database.write(SCOPE) as uow:
        await uow.rows(Posting).add(posting)
        await uow.rows(Application).add(application)
    return application.id


async def test_an_uploaded_document_is_listed_for_those_who_may_see_the_appointment(
    world: World, browsers: Browsers
) -> None:
    appointment = await world.book()
    kim = await browsers().sign_in("kim")
    await upload(kim, "취업활동계획", f"appointment_id={appointment.id}")
    (listed,) = await kim.get(f"/api/appointments/{appointment.id}/documents")
    assert (listed["title"], listed["pages"]) == ("취업활동계획", 1)
    for name in ("park", "other"):
        await (await browsers().sign_in(name)).get(f"/api/appointments/{appointment.id}/documents", 404)


async def test_an_interview_lists_the_documents_of_its_application(world: World, browsers: Browsers) -> None:
    application_id = await applied(world)
    interview = await world.interview(application_id=application_id)
    lead = await browsers().sign_in("lead")
    await upload(lead, "이력서", f"application_id={application_id}")
    panel = await browsers().sign_in("panel")
    assert [one["title"] for one in await panel.get(f"/api/appointments/{interview.id}/documents")] == ["이력서"]
