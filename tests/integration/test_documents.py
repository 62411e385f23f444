"""Documents over the API: only real PDFs are kept, encrypted, and shown to those they concern."""

import threading
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from server.actions.documents import DocumentVault, Upload, upload_document
from server.actions.sample_people import resume_pdf
from server.domain.documents import MAX_BYTES
from server.storage.files import FolderStore
from server.storage.keys import KeyAway, Keys
from server.storage.tables.recordings import content_keys
from server.storage.tables.trail import audit
from server.storage.unit_of_work import Database
from tests.world import NOW, ORIGIN, SCOPE, Browser, Browsers, World, make_world, new_id, served, services_of

PDF = resume_pdf("jung")


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    database = Database(sqlite_url)
    yield await make_world(database)
    await database.close()


@pytest.fixture
async def browsers(world: World, tmp_path: Path) -> AsyncIterator[Browsers]:
    async with served(services_of(world, tmp_path)) as browser:
        yield browser


async def upload(
    browser: Browser, data: bytes, status: int, kind: str = "application/pdf", **query: str
) -> dict[str, Any]:
    headers = {"Origin": ORIGIN, "Content-Type": kind}
    response = await browser.client.post("/api/documents", data=BytesIO(data), params=query, headers=headers)
    answer: dict[str, Any] = await response.json(content_type=None)
    assert response.status == status, answer
    return answer


async def test_a_pdf_is_kept_encrypted_and_comes_back_as_it_was(
    browsers: Browsers, world: World, tmp_path: Path
) -> None:
    appointment, kim = await world.book(), await browsers().sign_in("kim")
    kept = await upload(kim, PDF, 201, title="이력서 <b>", appointment_id=appointment.id)
    assert (kept["title"], kept["pages"], kept["size_bytes"]) == ("이력서 <b>", 1, len(PDF))
    response = await kim.send("GET", f"/api/documents/{kept['id']}")
    assert (response.status, await response.read()) == (200, PDF)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("inline; filename=")
    stored = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [kept["id"]]
    assert b"%PDF" not in stored[0].read_bytes()


class WatchedBytes(bytes):
    """Remembers which threads looked into it."""

    def __init__(self, _: bytes) -> None:
        self.threads: set[int] = set()

    def __getitem__(self, at: Any) -> Any:
        self.threads.add(threading.get_ident())
        return super().__getitem__(at)


async def test_a_document_is_examined_beside_the_loop_which_meanwhile_serves_others(
    world: World, tmp_path: Path
) -> None:
    appointment, data = await world.book(), WatchedBytes(PDF)
    vault = DocumentVault(keys=Keys(bytes(32)), files=FolderStore(tmp_path), new_id=new_id)
    async with world.database.write(SCOPE) as uow:
        upload = Upload(data=data, title="x", appointment_id=appointment.id)
        assert (await upload_document(uow, vault, upload, world.staff["kim"].id, NOW)).pages == 1
    assert data.threads
    assert threading.get_ident() not in data.threads


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"PK\x03\x04 not a pdf", 422, "document_not_a_pdf"),
        (PDF[: len(PDF) // 2], 422, "document_not_a_pdf"),
        (PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 9 0 R"), 422, "document_encrypted"),
        (PDF.replace(b"[3 0 R] /Count 1", b"[3 0] /Count 201"), 413, "document_too_many_pages"),
        (b"\0" * (MAX_BYTES + 1), 413, "document_too_large"),
    ],
    ids=["not-a-pdf", "half-a-pdf", "with-a-password", "too-many-pages", "too-large"],
)
async def test_what_is_not_a_pdf_we_can_show_is_refused(
    browsers: Browsers, world: World, data: bytes, status: int, code: str
) -> None:
    appointment, kim = await world.book(), await browsers().sign_in("kim")
    assert (await upload(kim, data, status, title="x", appointment_id=appointment.id))["code"] == code


async def test_a_document_that_does_not_say_how_large_it_is_is_read_no_further_than_the_limit(
    browsers: Browsers,
) -> None:
    kim, sent = await browsers().sign_in("kim"), 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 10 * MAX_BYTES:
            sent += 64 * 1024
            yield bytes(64 * 1024)

    headers = {"Origin": ORIGIN, "Content-Type": "application/pdf"}
    response = await kim.client.post("/api/documents", data=pieces(), params={"title": "x"}, headers=headers)
    assert (response.status, (await response.json(content_type=None))["code"]) == (413, "document_too_large")
    assert sent < 2 * MAX_BYTES


async def test_a_document_belongs_to_exactly_one_thing_within_reach(browsers: Browsers, world: World) -> None:
    appointment, kim = await world.book(), await browsers().sign_in("kim")
    assert (await upload(kim, PDF, 422, title="x"))["code"] == "document_of_nothing"
    both = {"appointment_id": appointment.id, "application_id": new_id()}
    assert (await upload(kim, PDF, 422, title="x", **both))["code"] == "document_of_nothing"
    park = await browsers().sign_in("park")
    await upload(park, PDF, 404, title="x", appointment_id=appointment.id)
    await upload(kim, PDF, 415, kind="text/html", title="x", appointment_id=appointment.id)


async def test_a_document_is_read_by_its_people_and_each_reading_is_written_down(
    browsers: Browsers, world: World
) -> None:
    appointment, kim = await world.book(), await browsers().sign_in("kim")
    kept = await upload(kim, PDF, 201, title="x", appointment_id=appointment.id)
    for name, status in (("park", 404), ("other", 404), ("lead", 404), ("admin", 403)):
        response = await (await browsers().sign_in(name)).send("GET", f"/api/documents/{kept['id']}")
        assert response.status == status
    seeker = browsers()
    await seeker.open_link(await world.link(appointment))
    response = await seeker.send("GET", f"/api/visit/documents/{kept['id']}")
    assert (response.status, await response.read()) == (200, PDF)
    stranger = browsers()
    await stranger.open_link(
        await world.link(await world.book(seekers=("yoon",), at=appointment.ends_at), seeker="yoon")
    )
    assert (await stranger.send("GET", f"/api/visit/documents/{kept['id']}")).status == 404
    async with world.database.read(SCOPE) as uow:
        rows = (await uow.execute(audit.select().where(audit.c.action == "document.read"))).all()
    assert [row.actor_id for row in rows] == [world.seekers["jung"].id]


async def test_each_owner_has_one_key_however_often_it_is_asked_for(browsers: Browsers, world: World) -> None:
    kim, first = await browsers().sign_in("kim"), await world.book()
    second = await world.book(at=first.ends_at)
    other = await world.book(seekers=("yoon",), at=second.ends_at)
    for appointment in (first, second, other):
        await upload(kim, PDF, 201, title="x", appointment_id=appointment.id)
    async with world.database.read(SCOPE) as uow:
        keys = (await uow.execute(content_keys.select())).all()
    assert len({key.owner_id for key in keys}) == len(keys) == 2


async def test_without_the_right_key_nothing_opens_and_it_is_said(
    browsers: Browsers, world: World, tmp_path: Path
) -> None:
    appointment, kim = await world.book(), await browsers().sign_in("kim")
    kept = await upload(kim, PDF, 201, title="x", appointment_id=appointment.id)
    assert repr(Keys(bytes(32))) == f"Keys('{Keys(bytes(32)).kek_id}')"
    async with served(services_of(world, tmp_path, keys=Keys(bytes(31) + b"\1"))) as others:
        answer = await (await others().sign_in("kim")).get(f"/api/documents/{kept['id']}", 503)
    assert answer["code"] == KeyAway.code
