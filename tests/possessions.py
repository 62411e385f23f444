"""One of everything for several owners, so that every route can be tried on what is one's own and on what is not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from server.actions.change_appointment import assignment_of
from server.actions.documents import DocumentVault, Upload, upload_document
from server.actions.open_case import case_of
from server.actions.playback import about_playable
from server.actions.sample_people import resume_pdf
from server.actions.sign_in import add_staff
from server.domain.appointments import Appointment, Kind
from server.domain.interviews import (
    Application,
    Attribute,
    Kit,
    Posting,
    Recommendation,
    Scorecard,
    ScorecardStatus,
)
from server.domain.jobs import Job, JobStatus
from server.domain.links import hash_of
from server.domain.notes import NoteStatus, SessionNote
from server.domain.organisations import Room, Tenant, TenantKind
from server.domain.people import Language, Person, Registration, Role
from server.domain.recordings import Owner, OwnerKind, PlaybackGrant, Recording, RecordingStatus
from server.domain.summaries import Summary, SummaryStatus
from server.storage.files import FileStore
from server.storage.keys import Keys
from server.storage.sealed_objects import sealed
from server.storage.unit_of_work import UnitOfWork
from tests.world import NOW, PASSWORD, SCOPE, World, new_id, new_secret

KIT = Kit(questions=(), attributes=(Attribute("a", "정확성", {1: "낮음", 3: "보통", 5: "높음"}),))
VIDEO = bytes(range(256)) * 16
Ids = Mapping[str, str]  # the name in a path → an id


@dataclass(frozen=True)
class Possessions:
    """What each of these owns, by the names that paths use."""

    of: Mapping[str, Ids]


async def make_possessions(world: World, files: FileStore) -> Possessions:
    """Conversations of kim, park, other (second centre), lead with panel, a colleague of theirs without them (second),
    rival (second employer) and agent (an agency), with the objects of each in the file store. hr plans for the first
    employer.
    """
    async with world.database.write(SCOPE) as uow:
        await _make_tenant(world, uow, "rival", TenantKind.EMPLOYER, "다온상사(견본)")
        await _make_tenant(world, uow, "agency", TenantKind.AGENCY, "이룸취업지원(견본)")
        for name, tenant, role in (
            ("second", "employer", Role.INTERVIEWER),
            ("hr", "employer", Role.ADMIN),
            ("rival", "rival", Role.LEAD_INTERVIEWER),
            ("agent", "agency", Role.COUNSELLOR),
        ):
            world.staff[name] = await add_staff(
                uow,
                world.passwords,
                tenant_id=world.tenants[tenant].id,
                name=f"견본 {name}",
                email=f"{name}@example.kr",
                role=role,
                password=PASSWORD,
                now=NOW,
                new_id=new_id,
            )
        for seeker, by in (("seo", "lead"), ("ryu", "rival"), ("moon", "agent")):
            await _register(world, uow, seeker, by)
    kim = await world.book("kim", seekers=("yoon",))
    park = await world.book("park", seekers=("bae",), hosts=("park",))
    other = await world.book("other", seekers=("far",), hosts=("other",))
    agent = await world.book("agent", seekers=("moon",), hosts=("agent",))
    lead = await world.book("lead", Kind.INTERVIEW, seekers=("han",), hosts=("lead", "panel"))
    second = await world.book("lead", Kind.INTERVIEW, seekers=("seo",), hosts=("second",))
    rival = await world.book("rival", Kind.INTERVIEW, seekers=("ryu",), hosts=("rival",))
    vault = DocumentVault(keys=Keys(bytes(32)), files=files, new_id=new_id)
    async with world.database.write(SCOPE) as uow:
        made_by_second = replace(second, created_by=world.staff["second"].id)
        await uow.rows(Appointment).save(made_by_second)
        owned = {
            "kim": await _all(world, uow, vault, kim, "kim", "yoon"),
            "park": await _all(world, uow, vault, park, "park", "bae"),
            "other": await _all(world, uow, vault, other, "other", "far"),
            "lead": await _all(world, uow, vault, lead, "lead", "han"),
            "second": await _all(world, uow, vault, made_by_second, "second", "seo"),
            "rival": await _all(world, uow, vault, rival, "rival", "ryu"),
            "agent": await _all(world, uow, vault, agent, "agent", "moon"),
        }
        for name in ("lead", "panel"):
            await uow.rows(Scorecard).add(_submitted(lead.id, world.staff[name].id))
    held = {"kim": kim, "park": park, "other": other, "lead": lead, "second": second, "rival": rival, "agent": agent}
    seats = {name: await world.seats(appointment) for name, appointment in held.items()}
    guests = {name: next(seat for seat in found.values() if not seat.staff) for name, found in seats.items()}
    return Possessions({name: {**ids, "seat_id": guests[name].id} for name, ids in owned.items()})


async def _make_tenant(world: World, uow: UnitOfWork, name: str, kind: TenantKind, title: str) -> None:
    tenant = Tenant(id=new_id(), kind=kind, name=title, phone="0212345678", zone="Asia/Seoul")
    world.tenants[name] = tenant
    await uow.rows(Tenant).add(tenant)
    await uow.rows(Room).add(Room(id=new_id(), tenant_id=tenant.id, name="1번 방"))


async def _register(world: World, uow: UnitOfWork, seeker: str, by: str) -> None:
    person = Person(id=new_id(), name=f"견본 {seeker}", phone="01012345678", lang=Language.KO, created_at=NOW)
    world.seekers[seeker] = person
    await uow.rows(Person).add(person)
    responsible = world.staff[by]
    await uow.rows(Registration).add(
        Registration(
            person_id=person.id,
            tenant_id=responsible.tenant_id,
            responsible_id=responsible.id,
            registered_at=NOW,
        )
    )


async def _all(
    world: World, uow: UnitOfWork, vault: DocumentVault, of: Appointment, staff: str, seeker: str
) -> dict[str, str]:
    owner, person = world.staff[staff], world.seekers[seeker]
    kept, mine = await _kept(uow, vault, of, person.id, owner.id)
    key = await vault.keys.of_owner(uow, of.tenant_id, mine, new_id, NOW)
    call_id = (await assignment_of(uow, of.id)).call_id
    (data_key,) = vault.keys.issue(key, 1, new_id)
    await vault.files.put(f"recordings/{call_id}/playable.mp4", sealed(VIDEO, data_key, about_playable(call_id)))
    recording = Recording(
        id=call_id,
        tenant_id=of.tenant_id,
        appointment_id=of.id,
        owner_kind=mine.kind,
        owner_id=mine.id,
        content_key_id=key.id,
        status=RecordingStatus.AVAILABLE,
        started_at=NOW,
        ended_at=NOW,
        failure=None,
        file=f"recordings/{call_id}/playable.mp4",
        size_bytes=len(VIDEO),
        duration_s=1.0,
        contents={
            "tracks": [],
            "gaps": [],
            "marks": [{"id": "1.1.1", "kind": "bookmark", "at_s": 0.5, "text": "견본"}],
        },
        delete_on=None,
        purged_at=None,
    )
    await uow.rows(Recording).add(recording)
    token = new_secret()
    await uow.rows(PlaybackGrant).add(
        PlaybackGrant(
            token_hash=hash_of(token),
            recording_id=recording.id,
            person_id=owner.id,
            issued_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )
    )
    return {
        **kept,
        "tenant_id": of.tenant_id,
        "staff_id": owner.id,
        "appointment_id": of.id,
        "seeker_id": person.id,
        "recording_id": recording.id,
        "token": token,
    }


async def _kept(
    uow: UnitOfWork, vault: DocumentVault, of: Appointment, seeker_id: str, staff_id: str
) -> tuple[dict[str, str], Owner]:
    """Note, summary, document, job, and a case or an application; and whose a recording is."""
    note = SessionNote(
        id=new_id(),
        tenant_id=of.tenant_id,
        appointment_id=of.id,
        seeker_id=seeker_id,
        author_id=staff_id,
        text="견본",
        version=1,
        status=NoteStatus.DRAFT,
        updated_at=NOW,
    )
    await uow.rows(SessionNote).add(note)
    summary = Summary(
        id=new_id(),
        tenant_id=of.tenant_id,
        appointment_id=of.id,
        lines=(),
        version=1,
        status=SummaryStatus.APPROVED,
        drafted_at=NOW,
    )
    await uow.rows(Summary).add(summary)
    job = _job(of)
    await uow.rows(Job).add(job)
    found, owner = await _belonging(uow, of, seeker_id)
    upload = Upload(data=resume_pdf("jeong"), title="견본", appointment_id=of.id)
    document = await upload_document(uow, vault, upload, staff_id, NOW)
    return {"note_id": note.id, "summary_id": summary.id, "document_id": document.id, "job_id": job.id, **found}, owner


async def _belonging(uow: UnitOfWork, of: Appointment, seeker_id: str) -> tuple[dict[str, str], Owner]:
    if of.kind is not Kind.INTERVIEW:
        case = await case_of(uow, of.tenant_id, seeker_id, new_id, NOW)
        return {"case_id": case.id}, Owner(OwnerKind.CASE, case.id)
    posting = Posting(id=new_id(), tenant_id=of.tenant_id, title="견본", kit=KIT, created_at=NOW)
    await uow.rows(Posting).add(posting)
    application = Application(
        id=new_id(), tenant_id=of.tenant_id, posting_id=posting.id, seeker_id=seeker_id, applied_at=NOW
    )
    await uow.rows(Application).add(application)
    await uow.rows(Appointment).save(replace(of, application_id=application.id))
    return (
        {"posting_id": posting.id, "application_id": application.id},
        Owner(OwnerKind.APPLICATION, application.id),
    )


def _submitted(appointment_id: str, interviewer_id: str) -> Scorecard:
    return Scorecard(
        appointment_id=appointment_id,
        interviewer_id=interviewer_id,
        ratings={"a": 3},
        recommendation=Recommendation.YES,
        comment="견본",
        status=ScorecardStatus.SUBMITTED,
        submitted_at=NOW,
    )


def _job(of: Appointment) -> Job:
    return Job(
        id=new_id(),
        kind="compose",
        args={},
        key=new_id(),
        tenant_id=of.tenant_id,
        status=JobStatus.DONE,
        step="done",
        progress=1.0,
        attempts=1,
        run_at=NOW,
        lease_owner=None,
        lease_until=None,
        error=None,
        created_at=NOW,
        finished_at=NOW,
    )
