"""Playing a recording and reading its summary: granted, written down, decrypted on the way, shared on a link."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from server.actions.content_keys import content_key_of
from server.actions.delete_due_recordings import delete_due_recordings
from server.actions.open_case import case_of, enter
from server.actions.playback import GRANT_LIVES, about_playable
from server.api.ask import Services
from server.domain.appointments import Appointment
from server.domain.cases import EntryKind
from server.domain.recordings import Recording, RecordingPart, RecordingStatus
from server.domain.summaries import MACHINE, Line, Summary, SummaryStatus
from server.storage.sealed_objects import sealed
from server.storage.tables.recordings import recording_parts
from server.storage.tables.trail import audit
from server.storage.trail import READS_AGAIN
from server.storage.unit_of_work import Database
from tests.journal import opened
from tests.world import NOW, SCOPE, Browser, Browsers, World, make_world, new_id, served, services_of

CONTENT = os.urandom(300_000)


@dataclass
class Kept:
    """A counselling of yesterday with a playable recording and a drafted summary."""

    world: World
    services: Services
    appointment: Appointment
    recording: Recording
    summary: Summary

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in (self.services.static_dir.parent / "store").rglob("*") if path.is_file())

    async def deeds(self, action: str) -> list[Any]:
        async with self.world.database.read(SCOPE) as uow:
            return list((await uow.execute(audit.select().where(audit.c.action == action))).all())

    async def now(self) -> Recording:
        async with self.world.database.read(SCOPE) as uow:
            return await uow.rows(Recording).one(self.recording.id)


@pytest.fixture
async def kept(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Kept]:
    world = await make_world(Database(sqlite_url))
    services = services_of(world, tmp_path)
    appointment = await world.book(recording=True)
    journal = await opened(world, appointment)
    async with world.database.write(SCOPE) as uow:
        key = await content_key_of(uow, appointment, services.keys, new_id, NOW)
        recording = Recording(
            id=journal.call_id,
            tenant_id=appointment.tenant_id,
            appointment_id=appointment.id,
            owner_kind=key.owner_kind,
            owner_id=key.owner_id,
            content_key_id=key.id,
            status=RecordingStatus.AVAILABLE,
            started_at=NOW,
            ended_at=NOW,
            failure=None,
            file=f"recordings/{journal.call_id}/playable.mp4",
            size_bytes=len(CONTENT),
            duration_s=60.0,
            contents={"tracks": [], "gaps": [], "marks": []},
            delete_on=date(2026, 6, 1),
            purged_at=None,
        )
        (data_key,) = services.keys.issue(key, 1, new_id)
        stored = sealed(CONTENT, data_key, about_playable(recording.id))
        await services.files.put(f"recordings/{journal.call_id}/playable.mp4", stored)
        await uow.rows(Recording).add(recording)
        line = Line("1" * 32, "agenda", "목표를 정함", "Agreed on a goal", 12.5, ("1.1.4",), MACHINE, at=NOW)
        summary = Summary(
            id=new_id(),
            tenant_id=appointment.tenant_id,
            appointment_id=appointment.id,
            lines=(line,),
            version=1,
            status=SummaryStatus.DRAFTED,
            drafted_at=NOW,
        )
        await uow.rows(Summary).add(summary)
    world.clock.now = NOW + timedelta(days=1)
    yield Kept(world, services, appointment, recording, summary)
    await world.database.close()


@pytest.fixture
async def browsers(kept: Kept) -> AsyncIterator[Browsers]:
    async with served(kept.services) as browser:
        yield browser


@pytest.fixture
async def kim(browsers: Browsers) -> Browser:
    return await browsers().sign_in("kim")


async def opened_url(browser: Browser, kept: Kept) -> str:
    answer = await browser.post(f"/api/recordings/{kept.recording.id}/playback", {"reason": "상담 정리"})
    url: str = answer["url"]
    return url


async def fetch(browser: Browser, url: str, wanted: str | None = None) -> tuple[int, bytes, dict[str, str]]:
    response = await browser.send("GET", url, headers={"Range": wanted} if wanted else None)
    return response.status, await response.read(), dict(response.headers)


async def test_the_whole_file_comes_back_as_it_was(kim: Browser, kept: Kept) -> None:
    status, body, headers = await fetch(kim, await opened_url(kim, kept))
    assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (200, "video/mp4", "bytes")
    assert body == CONTENT
    assert headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=65530-65545", 65530, 65546), ("bytes=-10", 299_990, 300_000)],
)
async def test_a_range_comes_back_exactly(kim: Browser, kept: Kept, wanted: str, start: int, end: int) -> None:
    status, body, headers = await fetch(kim, await opened_url(kim, kept), wanted)
    assert (status, headers["Content-Range"]) == (206, f"bytes {start}-{end - 1}/300000")
    assert body == CONTENT[start:end]


async def test_a_range_beyond_the_end_is_refused(kim: Browser, kept: Kept) -> None:
    status, _, headers = await fetch(kim, await opened_url(kim, kept), "bytes=300000-")
    assert (status, headers["Content-Range"]) == (416, "bytes */300000")


async def test_reading_what_a_recording_holds_leaves_a_row_for_each_reader_once_in_a_while(
    kim: Browser, kept: Kept
) -> None:
    clock, path = kept.world.clock, f"/api/recordings/{kept.recording.id}"
    for _ in range(3):  # as a page does that shows progress
        await kim.get(path)
        clock.now += timedelta(minutes=1)
    (row,) = await kept.deeds("recording.read")
    kim_id, seeker_id = kept.world.staff["kim"].id, kept.world.seekers["jung"].id
    assert (row.actor_id, row.object_id, row.subject_id) == (kim_id, kept.recording.id, seeker_id)
    assert row.origin
    clock.now += READS_AGAIN
    await kim.get(path)
    assert len(await kept.deeds("recording.read")) == 2


async def test_a_recording_that_is_not_made_yet_holds_nothing_to_be_written_down(kim: Browser, kept: Kept) -> None:
    async with kept.world.database.write(SCOPE) as uow:
        await uow.rows(Recording).save(replace(kept.recording, status=RecordingStatus.FINALISING, contents=None))
    assert (await kim.get(f"/api/recordings/{kept.recording.id}"))["status"] == "finalising"
    assert await kept.deeds("recording.read") == []


async def test_one_opening_leaves_one_row_however_many_ranges_are_read(kim: Browser, kept: Kept) -> None:
    url = await opened_url(kim, kept)
    for start in (0, 1000, 2000):
        await fetch(kim, url, f"bytes={start}-{start + 9}")
    (row,) = await kept.deeds("recording.played")
    assert (row.actor_id, row.subject_id, row.reason) == (
        kept.world.staff["kim"].id,
        kept.world.seekers["jung"].id,
        "상담 정리",
    )


async def test_nothing_of_the_recording_lies_on_the_disk_in_the_clear(kim: Browser, kept: Kept) -> None:
    await fetch(kim, await opened_url(kim, kept))
    stored = [path for path in (kept.services.static_dir.parent / "store").rglob("*") if path.is_file()]
    assert stored
    assert not any(CONTENT[5000:5064] in path.read_bytes() for path in stored)


async def test_a_grant_is_for_one_person_and_a_while_and_is_asked_again_at_each_range(
    kim: Browser, browsers: Browsers, kept: Kept
) -> None:
    url = await opened_url(kim, kept)
    for name, status in (("other", 410), ("admin", 403)):
        assert (await fetch(await browsers().sign_in(name), url))[0] == status
    assert (await fetch(browsers(), url))[0] == 401
    assert (await fetch(kim, url, "bytes=0-9"))[0] == 206
    kept.world.clock.now += GRANT_LIVES
    assert (await fetch(kim, url, "bytes=10-19"))[0] == 410


async def test_a_recording_that_is_gone_or_not_ready_is_not_opened(kim: Browser, kept: Kept) -> None:
    url = await opened_url(kim, kept)
    path = f"/api/recordings/{kept.recording.id}/playback"
    for status, code, http in (
        (RecordingStatus.FINALISING, "recording_not_ready", 409),
        (RecordingStatus.EXPIRING, "recording_purged", 410),
    ):
        async with kept.world.database.write(SCOPE) as uow:
            await uow.rows(Recording).save(replace(kept.recording, status=status))
        assert (await kim.post(path, {}, http))["code"] == code
        assert (await fetch(kim, url))[0] == http


async def test_a_file_that_was_changed_or_swapped_is_not_played(kim: Browser, kept: Kept) -> None:
    url, name = await opened_url(kim, kept), f"recordings/{kept.recording.id}/playable.mp4"
    stored = bytearray(await kept.services.files.get(name))
    stored[len(stored) // 2] ^= 1
    await kept.services.files.put(name, bytes(stored))
    at = len(CONTENT) // 2
    status, body, _ = await fetch(kim, url, f"bytes={at}-{at + 999}")
    assert (status, b"object_damaged" in body) == (503, True)
    await kept.services.files.put(name, b"not a sealed file at all")
    assert (await fetch(kim, url))[0] == 503


async def test_who_has_no_part_in_it_finds_nothing(browsers: Browsers, kept: Kept) -> None:
    for name, status in (("park", 404), ("other", 404), ("lead", 404), ("admin", 403)):
        browser = await browsers().sign_in(name)
        await browser.get(f"/api/recordings/{kept.recording.id}", status)
        await browser.get(f"/api/summaries/{kept.summary.id}", status)


async def test_a_summary_is_reviewed_approved_and_shared_as_three_acts(
    kim: Browser, browsers: Browsers, kept: Kept
) -> None:
    path = f"/api/summaries/{kept.summary.id}"
    draft = await kim.get(path)
    assert (draft["status"], draft["lines"][0]["author"], draft["recording_id"]) == (
        "drafted",
        None,
        kept.recording.id,
    )
    assert (await kim.post(f"{path}/share", status=409))["code"] == "summary_not_approved"
    lines = [
        {"id": "1" * 32, "text_ko": "목표를 함께 정함", "text_en": "Agreed on a goal"},
        {"id": None, "text_ko": "다음 주에 다시 만남", "text_en": "Meet again next week"},
    ]
    edited = await kim.expect("PUT", path, {"version": 1, "lines": lines}, 200)
    assert [line["author"]["name"] for line in edited["lines"]] == ["견본 kim", "견본 kim"]
    assert (await kim.expect("PUT", path, {"version": 1, "lines": []}, 409))["code"] == "summary_changed_elsewhere"
    approved = await kim.post(f"{path}/approve", {"version": 2})
    assert (approved["status"], approved["approved_by"]["name"]) == ("approved", "견본 kim")
    url = (await kim.post(f"{path}/share"))["url"]
    secret = url.partition("#")[2]
    shared = await browsers().post("/api/shared", {"secret": secret})
    assert ([line["text_ko"] for line in shared["lines"]], shared["approved_by"]) == (
        ["목표를 함께 정함", "다음 주에 다시 만남"],
        "견본 kim",
    )
    assert (await kim.expect("PUT", path, {"version": 2, "lines": []}, 409))["code"] == "summary_shared"
    await kim.expect("DELETE", f"{path}/share", None, 204)
    assert (await browsers().post("/api/shared", {"secret": secret}, 410))["code"] == "link_revoked"
    assert len(await kept.deeds("summary.read_on_link")) == 1


async def test_a_fresh_link_to_a_summary_ends_the_earlier_one(kim: Browser, browsers: Browsers, kept: Kept) -> None:
    path = f"/api/summaries/{kept.summary.id}"
    await kim.post(f"{path}/approve", {"version": 1})
    first, second = [(await kim.post(f"{path}/share"))["url"].partition("#")[2] for _ in range(2)]
    await browsers().post("/api/shared", {"secret": first}, 410)
    await browsers().post("/api/shared", {"secret": second})


async def test_a_garbled_or_unknown_link_opens_no_summary(browsers: Browsers) -> None:
    assert (await browsers().post("/api/shared", {"secret": "x"}, 422))["code"] == "link_garbled"
    assert (await browsers().post("/api/shared", {"secret": "a" * 32}, 404))["code"] == "link_unknown"


async def test_a_line_tells_when_it_was_and_one_kept_before_lines_did_is_read_without(kim: Browser, kept: Kept) -> None:
    path = f"/api/summaries/{kept.summary.id}"
    (line,) = (await kim.get(path))["lines"]
    assert (line["at"], line["at_s"]) == ("2026-03-02T01:00:00Z", 12.5)
    old = {key: value for key, value in asdict(kept.summary.lines[0]).items() if key != "at"}
    async with kept.world.database.write(SCOPE) as uow:
        await uow.execute(text("UPDATE summaries SET lines = :lines"), {"lines": json.dumps([old])})
    (line,) = (await kim.get(path))["lines"]
    assert (line["text_ko"], line["at"], line["at_s"]) == ("목표를 정함", None, 12.5)


async def test_every_reading_of_a_summary_leaves_its_row(kim: Browser, kept: Kept) -> None:
    await kim.get(f"/api/summaries/{kept.summary.id}")
    (row,) = await kept.deeds("summary.read")
    assert (row.actor_id, row.subject_id) == (kept.world.staff["kim"].id, kept.world.seekers["jung"].id)


async def test_what_another_tenant_shared_is_read_when_approved_and_never_changed(
    browsers: Browsers, kept: Kept
) -> None:
    world = kept.world
    async with world.database.write(SCOPE) as uow:
        case = await case_of(uow, world.tenants["elsewhere"].id, world.seekers["far"].id, new_id, NOW)
        await enter(uow, case, EntryKind.RECORDING, kept.recording.id, kept.appointment.id, new_id, NOW)
        await enter(uow, case, EntryKind.SUMMARY, kept.summary.id, kept.appointment.id, new_id, NOW)
    other = await browsers().sign_in("other")
    await other.get(f"/api/recordings/{kept.recording.id}")
    await other.get(f"/api/summaries/{kept.summary.id}", 404)
    kim = await browsers().sign_in("kim")
    await kim.post(f"/api/summaries/{kept.summary.id}/approve", {"version": 1})
    await other.get(f"/api/summaries/{kept.summary.id}")
    await other.expect("PUT", f"/api/summaries/{kept.summary.id}", {"version": 1, "lines": []}, 403)
    await other.post(f"/api/recordings/{kept.recording.id}/retry", status=403)


async def test_a_recording_is_really_deleted_on_its_day(kim: Browser, kept: Kept) -> None:
    url = await opened_url(kim, kept)
    files, clock = kept.services.files, kept.world.clock
    part = f"recordings/{kept.recording.id}/a.mic.e1.r1.p00000.spool"
    await files.put(part, b"part")
    async with kept.world.database.write(SCOPE) as uow:
        await uow.rows(RecordingPart).add(_part(kept.recording.id, part))
    clock.now = clock.now.replace(month=5, day=31, hour=14, minute=59)
    assert await delete_due_recordings(kept.world.database, files, clock) == 0
    clock.now += timedelta(minutes=1)  # midnight in Seoul
    assert await delete_due_recordings(kept.world.database, files, clock) == 1
    purged = await kept.now()
    assert (purged.status, purged.purged_at, purged.file) == (RecordingStatus.PURGED, clock.now, None)
    assert kept.files == []
    assert len(await kept.deeds("recording.purged")) == 1
    kim = await kim.sign_in("kim")
    assert (await fetch(kim, url))[0] == 410
    assert (await kim.get(f"/api/recordings/{kept.recording.id}"))["status"] == "purged"
    assert await delete_due_recordings(kept.world.database, files, clock) == 0


async def test_a_part_that_comes_after_the_purge_is_deleted_too(kept: Kept) -> None:
    files, clock = kept.services.files, kept.world.clock
    clock.now = clock.now.replace(month=7)
    await delete_due_recordings(kept.world.database, files, clock)
    part = f"recordings/{kept.recording.id}/a.mic.e1.r2.p00000.spool"
    await files.put(part, b"late")
    async with kept.world.database.write(SCOPE) as uow:
        await uow.rows(RecordingPart).add(_part(kept.recording.id, part))
    assert await delete_due_recordings(kept.world.database, files, clock) == 1
    assert kept.files == []
    async with kept.world.database.read(SCOPE) as uow:
        assert (await uow.execute(recording_parts.select())).all() == []


async def test_a_deletion_that_was_interrupted_is_finished_by_the_next_turn(kept: Kept) -> None:
    kept.world.clock.now = kept.world.clock.now.replace(month=7)
    async with kept.world.database.write(SCOPE) as uow:
        await uow.rows(Recording).save(replace(kept.recording, status=RecordingStatus.EXPIRING))
    assert await delete_due_recordings(kept.world.database, kept.services.files, kept.world.clock) == 1
    assert ((await kept.now()).status, kept.files) == (RecordingStatus.PURGED, [])


def _part(recording_id: str, name: str) -> RecordingPart:
    return RecordingPart(
        recording_id=recording_id,
        track="a.mic",
        epoch=1,
        run=1 if ".r1." in name else 2,
        part=0,
        seat="a",
        source="mic",
        object=name,
        size_bytes=4,
        sha256="0" * 64,
        started_at_ns=0,
        ended_at_ns=1,
        key_id=new_id(),
        wrapped_key="AA==",
        sealed=True,
    )
