"""Samples: made, moved or made anew at each start, and real enough to try everything with."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher

from server.actions.contact import InstallationContact
from server.actions.draft_summary import DRAFT_SUMMARY, draft_summary
from server.actions.nodes import announce
from server.actions.passwords import Passwords
from server.actions.process_recording import Workshop
from server.actions.record_facts import Fact, record_facts
from server.actions.recordings import read_recording
from server.actions.refresh_samples import Samples, SampleSite, refresh_samples
from server.actions.sample_guests import EmptySeats, missing_guests
from server.actions.sample_people import resume_pdf
from server.actions.schedule import run_tick
from server.api.ask import Services
from server.api.attempts import Attempts
from server.domain.appointments import Appointment, Presence, Seat, Status
from server.domain.cases import CaseEntry
from server.domain.documents import count_pages
from server.domain.interviews import Scorecard
from server.domain.nodes import Node
from server.domain.permissions import SystemScope
from server.domain.recordings import Recording, RecordingStatus
from server.domain.rooms import Assignment
from server.domain.samples import KIT, sample_id
from server.domain.summaries import Summary, SummaryStatus
from server.jobs.registry import job_kinds
from server.jobs.worker import Worker
from server.storage.files import FolderStore
from server.storage.keys import Keys
from server.storage.schema import migrate
from server.storage.tables.appointments import seats
from server.storage.tables.recordings import recordings
from server.storage.unit_of_work import Database
from tests.world import NOW, ORIGIN, Browser, Clock, new_id, new_secret, served

SCOPE = SystemScope("tests")
START = NOW + timedelta(minutes=4, seconds=50)  # late in a step of five minutes, where everything is soonest


@pytest.fixture
async def site(sqlite_url: str, tmp_path: Path) -> AsyncIterator[SampleSite]:
    database = Database(sqlite_url)
    yield SampleSite(
        database=database,
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        keys=Keys(bytes(32)),
        files=FolderStore(tmp_path / "store"),
        spool=tmp_path / "spool",
        clock=Clock(START),
        new_id=new_id,
        new_secret=new_secret,
        public_url=ORIGIN,
    )
    await database.close()


def services_of(site: SampleSite, folder: Path, **more: Any) -> Services:
    return Services(
        database=site.database,
        clock=site.clock,
        new_id=new_id,
        new_secret=new_secret,
        passwords=site.passwords,
        attempts=Attempts(),
        contact=InstallationContact(site.database, ""),
        keys=site.keys,
        files=site.files,
        public_url=ORIGIN,
        static_dir=folder / "static",
        has_samples=True,
        **more,
    )


async def signed_in(browser: Browser, samples: Samples, name: str) -> Browser:
    account = next(one for one in samples.people if one.name.startswith(name))
    await browser.post("/api/session", {"email": account.email, "password": account.password})
    return browser


async def work(site: SampleSite, folder: Path, *only: str) -> None:
    """What the work process does with the jobs of the samples, or with those of these kinds."""
    workshop = Workshop(
        database=site.database,
        files=site.files,
        keys=site.keys,
        scratch=folder / "scratch",
        new_id=new_id,
        clock=site.clock,
    )
    kinds = {name: kind for name, kind in job_kinds(workshop).items() if name in (only or job_kinds(workshop))}
    worker = Worker(site.database, "w", kinds, [], site.clock)
    while await worker.work_once():
        pass


async def rooms_open(site: SampleSite) -> None:
    """A node is there and the scheduler has used it."""
    async with site.database.write(SCOPE) as uow:
        node = Node(
            name="node-0", link_url="unix:n", version=1, calls=0, seats=0, seat_capacity=60, seen_at=site.clock()
        )
        await announce(uow, node)
        await run_tick(uow, site.clock())


def came(site: SampleSite, guest: EmptySeats, state: Presence = Presence.WAITING, seq: int = 1) -> Fact:
    """What the node says of the guest that it was sent."""
    body = {"seat": guest.seats[0], "state": state.value, "cause": "sample_guest"}
    return Fact(call_id=guest.call, epoch=1, run=1, seq=seq, at=site.clock(), kind="presence", body=body)


async def appointments(site: SampleSite) -> list[Appointment]:
    async with site.database.read(SCOPE) as uow:
        return await uow.rows(Appointment).where()


async def test_the_desk_has_somebody_waiting_two_soon_a_summary_to_approve_and_a_recording_to_play(
    site: SampleSite, tmp_path: Path
) -> None:
    samples = await refresh_samples(site, {})
    await work(site, tmp_path)
    await rooms_open(site)
    async with site.database.write(SCOPE) as uow:
        missing = await missing_guests(uow, samples.waiting, site.clock())
        await record_facts(uow, [came(site, empty) for empty in missing], [])
    assert isinstance(site.clock, Clock)
    async with served(services_of(site, tmp_path)) as browsers:
        for name in ("김서연", "이정민"):
            host = await signed_in(browsers(), samples, name)
            for later in (timedelta(0), timedelta(minutes=4)):  # nobody tries it all in the first minute
                site.clock.now = START + later
                desk = await host.get("/api/desk")
                assert (len(desk["waiting"]), len(desk["soon"]), len(desk["unapproved"])) == (1, 2, 1), name
        lee = await (await signed_in(browsers(), samples, "이정민")).get("/api/desk")
        assert [one["name"] for one in lee["scorecards_due"]] == ["한지우 (견본)"]
    # The finished counselling: playable, with the restart of a node and a withdrawal in it.
    async with site.database.write(SCOPE) as uow:
        (recording,) = await uow.rows(Recording).where()
        view = await read_recording(uow, recording.id, site.clock())
    assert recording.status is RecordingStatus.PARTIAL
    assert recording.duration_s == pytest.approx(24, abs=1)
    assert {"node_restarted", "withdrawn"} <= {gap.cause for gap in view.gaps}
    assert {mark.kind for mark in view.marks} == {"bookmark", "agenda"}


async def started(site: SampleSite, folder: Path) -> dict[str, tuple[int, int, int]]:
    """A start, a moment later: how the first line of each desk counts who waits, what is soon, what is not approved."""
    samples = await refresh_samples(site, {})
    await work(site, folder, DRAFT_SUMMARY)
    await drafted(site)
    await rooms_open(site)
    async with site.database.write(SCOPE) as uow:
        for guest in await missing_guests(uow, samples.waiting, site.clock()):
            epoch = (await uow.rows(Assignment).one(guest.call)).epoch
            await record_facts(uow, [replace(came(site, guest), epoch=epoch)], [])
    async with served(services_of(site, folder)) as browsers:
        desks = {
            name: await (await signed_in(browsers(), samples, name)).get("/api/desk") for name in ("김서연", "이정민")
        }
    return {name: (len(one["waiting"]), len(one["soon"]), len(one["unapproved"])) for name, one in desks.items()}


FIRST_LINE = {"김서연": (1, 2, 1), "이정민": (1, 2, 1)}  # 대기 1 · 곧 시작 2 · 미승인 요약 1


@pytest.mark.parametrize("minutes", [-10, 0, 70], ids=lambda minutes: f"{minutes:+d}")
async def test_around_midnight_every_desk_begins_as_at_noon(site: SampleSite, tmp_path: Path, minutes: int) -> None:
    assert isinstance(site.clock, Clock)
    site.clock.now = NOW.replace(hour=15, minute=0) + timedelta(minutes=minutes)  # midnight in Seoul
    assert await started(site, tmp_path) == FIRST_LINE


async def test_a_start_after_hours_of_running_and_of_rest_begins_as_the_first_did(
    site: SampleSite, tmp_path: Path
) -> None:
    assert isinstance(site.clock, Clock)
    assert await started(site, tmp_path) == FIRST_LINE
    for _ in range(6 * 12):  # it runs, and nobody touches anything
        site.clock.now += timedelta(minutes=5)
        await rooms_open(site)
    assert await started(site, tmp_path) == FIRST_LINE
    site.clock.now += timedelta(hours=9)  # over midnight, switched off
    assert await started(site, tmp_path) == FIRST_LINE


async def test_exactly_two_sample_guests_are_missed_in_their_lobbies_until_a_person_has_been_in_their_place(
    site: SampleSite,
) -> None:
    samples = await refresh_samples(site, {})
    assert isinstance(site.clock, Clock)

    async def missing() -> list[EmptySeats]:
        async with site.database.read(SCOPE) as uow:
            return await missing_guests(uow, samples.waiting, site.clock())

    assert await missing() == []  # no node carries their rooms yet
    await rooms_open(site)
    guests = await missing()
    async with site.database.read(SCOPE) as uow:
        people = {(await uow.rows(Seat).one(*guest.seats)).person_id for guest in guests}
    assert people == {sample_id("jeong"), sample_id("kang")}
    first, second = guests
    async with site.database.write(SCOPE) as uow:
        await record_facts(uow, [came(site, guest) for guest in guests], [])
    assert await missing() == []
    async with site.database.write(SCOPE) as uow:
        states = (Presence.CONNECTED, Presence.LEFT)
        tried = [came(site, first, state, seq) for seq, state in enumerate(states, 2)]
        await record_facts(uow, [*tried, came(site, second, Presence.DROPPED, 2)], [])
    assert await missing() == [second]
    site.clock.now += timedelta(hours=3)
    assert await missing() == []


async def test_a_second_start_changes_nobody_and_moves_what_nobody_has_touched(site: SampleSite) -> None:
    first = await refresh_samples(site, {})
    before = {one.id: one.starts_at for one in await appointments(site)}
    assert isinstance(site.clock, Clock)
    site.clock.now += timedelta(minutes=20)
    second = await refresh_samples(site, {one.email: one.password for one in first.people})
    assert second.people == first.people
    after = {one.id: one.starts_at for one in await appointments(site)}
    assert after.keys() == before.keys()
    moved = {one for one in after if after[one] - before[one] == timedelta(minutes=20)}
    assert len(moved) == 5  # missed, two ahead, two with somebody waiting
    assert [link.name for link in second.links] == [link.name for link in first.links]
    assert {link.url for link in second.links}.isdisjoint({link.url for link in first.links})


async def test_what_somebody_has_tried_stays_and_gets_a_successor(site: SampleSite) -> None:
    await refresh_samples(site, {})
    tried = next(one for one in await appointments(site) if one.status is Status.CONFIRMED)
    async with site.database.write(SCOPE) as uow:
        await uow.rows(Appointment).save(tried.cancelled("tried"))
    assert isinstance(site.clock, Clock)
    site.clock.now += timedelta(hours=26)
    await refresh_samples(site, {})
    now = {one.id: one for one in await appointments(site)}
    assert now[tried.id].status is Status.CANCELLED
    assert len(now) == 9


async def drafted(site: SampleSite) -> Summary:
    """The draft of the recorded counselling of the last start, which nobody has waited to be composed."""
    async with site.database.read(SCOPE) as uow:
        latest = (await uow.rows(Recording).where(order_by=[recordings.c.started_at.desc()]))[0]
    summary = await draft_summary(site.database, latest.id, new_id, site.clock)
    assert summary is not None
    return summary


async def to_be_done(site: SampleSite, folder: Path, samples: Samples) -> tuple[int, list[str], list[str]]:
    """Summaries on the counsellor's desk, cards due to the lead, and what became of today's meetings of both."""
    async with served(services_of(site, folder)) as browsers:
        kim, lee = [await signed_in(browsers(), samples, name) for name in ("김서연", "이정민")]
        desk, panel = await kim.get("/api/desk"), await lee.get("/api/desk")
        today = {"from": (site.clock() - timedelta(hours=2)).isoformat(), "to": site.clock().isoformat()}
        over = await kim.get(f"/api/appointments?{urlencode(today)}")
    statuses = sorted(one["status"] for one in over if one["status"] == "completed")
    return len(desk["unapproved"]), [one["name"] for one in panel["scorecards_due"]], statuses


async def test_on_another_day_what_is_over_and_nobody_has_touched_is_made_anew(
    site: SampleSite, tmp_path: Path
) -> None:
    await refresh_samples(site, {})
    await drafted(site)
    before = {one.id: one for one in await appointments(site)}
    files = await site.files.names("recordings")
    assert isinstance(site.clock, Clock)
    site.clock.now += timedelta(days=91)  # past the day on which its recording would have been deleted
    samples = await refresh_samples(site, {})
    await drafted(site)
    after = {one.id: one for one in await appointments(site)}
    assert {key: (one.status, one.starts_at - before[key].starts_at) for key, one in after.items()} == {
        key: (one.status, timedelta(days=91)) for key, one in before.items()
    }
    assert await to_be_done(site, tmp_path, samples) == (1, ["한지우 (견본)"], ["completed"])
    kept = await site.files.names("recordings")
    assert (len(kept), set(kept) & set(files)) == (len(files), set())
    async with site.database.read(SCOPE) as uow:
        assert [one.status for one in await uow.rows(Recording).where()] == [RecordingStatus.FINALISING]
        assert await uow.rows(CaseEntry).count() == 1


async def test_what_somebody_has_finished_gets_a_successor_at_the_next_start(site: SampleSite, tmp_path: Path) -> None:
    samples = await refresh_samples(site, {})
    summary, interview = await drafted(site), sample_id("meeting han 1")
    async with served(services_of(site, tmp_path)) as browsers:
        kim, lee = [await signed_in(browsers(), samples, name) for name in ("김서연", "이정민")]
        await kim.post(f"/api/summaries/{summary.id}/approve", {"version": summary.version})
        ratings = {attribute.id: 4 for attribute in KIT.attributes}
        card = {"ratings": ratings, "recommendation": "yes", "comment": ""}
        await lee.expect("PUT", f"/api/appointments/{interview}/scorecard", card, 200)
        await lee.post(f"/api/appointments/{interview}/scorecard/submit")
    assert (await to_be_done(site, tmp_path, samples))[:2] == (0, [])
    assert isinstance(site.clock, Clock)
    site.clock.now += timedelta(minutes=5)  # where the first ones still stand
    samples = await refresh_samples(site, {})
    await drafted(site)
    assert await to_be_done(site, tmp_path, samples) == (1, ["한지우 (견본)"], ["completed", "completed"])
    async with site.database.read(SCOPE) as uow:
        assert (await uow.rows(Summary).one(summary.id)).status is SummaryStatus.APPROVED
        assert await uow.rows(Scorecard).count() == 1


async def test_what_somebody_has_begun_on_stays_and_is_not_made_twice(site: SampleSite, tmp_path: Path) -> None:
    samples = await refresh_samples(site, {})
    summary = await drafted(site)
    async with served(services_of(site, tmp_path)) as browsers:
        kim = await signed_in(browsers(), samples, "김서연")
        lines = [{"text_ko": "고친 줄", "text_en": "A changed line"}]
        await kim.expect("PUT", f"/api/summaries/{summary.id}", {"version": summary.version, "lines": lines}, 200)
    assert isinstance(site.clock, Clock)
    site.clock.now += timedelta(days=1)
    samples = await refresh_samples(site, {})
    async with site.database.read(SCOPE) as uow:
        (kept,) = await uow.rows(Summary).where()
    assert [line.text_ko for line in kept.lines] == ["고친 줄"]
    assert (await to_be_done(site, tmp_path, samples))[:2] == (1, ["한지우 (견본)"])


async def test_every_account_of_every_installation_has_a_password_of_its_own(site: SampleSite, tmp_path: Path) -> None:
    elsewhere = replace(site, database=Database(f"sqlite+aiosqlite:///{tmp_path}/elsewhere.db"))
    await migrate(elsewhere.database, site.clock())
    made = [await refresh_samples(one, {}) for one in (site, elsewhere)]
    await elsewhere.database.close()
    passwords = [account.password for samples in made for account in samples.people]
    assert len(set(passwords)) == len(passwords)
    assert min(map(len, passwords)) >= 16


async def test_a_forgotten_password_is_replaced(site: SampleSite, tmp_path: Path) -> None:
    await refresh_samples(site, {})
    samples = await refresh_samples(site, {})
    async with served(services_of(site, tmp_path)) as browsers:
        await signed_in(browsers(), samples, "박준호")


async def test_somebody_has_not_come_though_the_host_has(site: SampleSite) -> None:
    await refresh_samples(site, {})
    async with site.database.read(SCOPE) as uow:
        (lim,) = await uow.rows(Seat).where(seats.c.person_id == sample_id("lim"))
        appointment = await uow.rows(Appointment).one(lim.appointment_id)
        host = await uow.rows(Seat).where(seats.c.appointment_id == appointment.id, seats.c.staff.is_(True))
    assert (lim.presence, host[0].presence) == (Presence.INVITED, Presence.LEFT)
    assert (appointment.status, START - appointment.starts_at >= timedelta(minutes=10)) == (Status.OPEN, True)


async def test_synthetic_people_take_every_empty_seat_of_an_open_room(site: SampleSite, tmp_path: Path) -> None:
    samples = await refresh_samples(site, {})
    group = sample_id("meeting group 1")
    sent: list[EmptySeats] = []

    async def send(empty: EmptySeats) -> None:
        sent.append(empty)

    path = f"/api/appointments/{group}/sample-guests"
    async with served(services_of(site, tmp_path, seat_sample_guests=send)) as browsers:
        park = await signed_in(browsers(), samples, "박준호")
        assert (await park.post(path, status=409))["code"] == "appointment_wrong_state"
        await rooms_open(site)
        assert (await park.post(path))["guests"] == 6
        await (await signed_in(browsers(), samples, "이정민")).post(path, status=404)
    assert [(one.node, len(one.seats)) for one in sent] == [("node-0", 6)]
    async with served(services_of(site, tmp_path)) as browsers:
        off = await (await signed_in(browsers(), samples, "박준호")).post(path, status=409)
    assert off["code"] == "samples_off"


def test_the_resume_is_a_pdf_of_one_page() -> None:
    assert count_pages(resume_pdf("jeong")) == 1
