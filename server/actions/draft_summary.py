"""The draft of an appointment's summary: made from the call's journal, kept once, entered where it belongs.

Work of its own, after the recording is attached: whether it succeeds or not, the recording is there. What a person has
begun to edit is never replaced by another draft.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from recordings.facts import of_kind, read_facts
from recordings.summarise import DraftLine, Meeting, summarise
from recordings.timeline import Timeline, make_timeline
from server.actions.change_appointment import assignment_of
from server.actions.consents import answers_of, asked, centre_of
from server.actions.content_keys import owner_of_appointment
from server.actions.open_case import case_of, enter
from server.actions.progress import JobView, latest_job, read_job
from server.domain.appointments import Appointment, Kind, Seat
from server.domain.cases import Case, EntryKind
from server.domain.consent import Answer, Item
from server.domain.jobs import JobNotFailed
from server.domain.organisations import Tenant
from server.domain.permissions import SystemScope
from server.domain.recordings import GONE, Owner, OwnerKind, Recording
from server.domain.rooms import Assignment
from server.domain.summaries import MACHINE, MAX_LINES, Line, Summary, SummaryStatus
from server.domain.time_zones import zone_of
from server.storage.job_queue import NewJob, add_job, retry_job
from server.storage.tables.appointments import seats
from server.storage.tables.cases import summaries
from server.storage.tables.scheduling import facts
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import Database, UnitOfWork
from signaling.media.port import SeatId

DRAFT_SUMMARY = "draft_summary"
_SCOPE = SystemScope("draft of a summary")


@dataclass(frozen=True, kw_only=True)
class CallStory:
    """Everything that is known of a call that is over."""

    appointment: Appointment
    places: Sequence[Seat]
    facts: Sequence[Mapping[str, Any]]  # as the node wrote them
    meeting: Meeting

    @property
    def seat_ids(self) -> list[SeatId]:
        """Everybody's seat."""
        return [SeatId(seat.id) for seat in self.places]

    @property
    def guest_came(self) -> bool:
        """Whether anybody the appointment was for has been in the room."""
        guests = {seat.id for seat in self.places if not seat.staff}
        here = of_kind(read_facts(self.facts), "presence")
        return any(fact.text("seat") in guests and fact.text("state") == "connected" for fact in here)


async def read_story(uow: UnitOfWork, call_id: str) -> CallStory:
    """The story of this call. Raises NotFound."""
    assignment = await uow.rows(Assignment).one(call_id)
    appointment = await uow.rows(Appointment).one(assignment.appointment_id)
    tenant = await uow.rows(Tenant).one(appointment.tenant_id)
    places = await uow.rows(Seat).where(seats.c.appointment_id == appointment.id, order_by=[seats.c.id])
    rows = await uow.execute(select(facts).where(facts.c.call_id == call_id))
    return CallStory(
        appointment=appointment,
        places=places,
        facts=[_fact(row) for row in rows],
        meeting=Meeting(
            zone=zone_of(tenant.zone),
            names={SeatId(seat.id): seat.name for seat in places},
            agenda={item.id: item.text for item in appointment.agenda},
        ),
    )


async def ask_for_draft(
    uow: UnitOfWork, call_id: str, tenant_id: str, made_of: str, new_id: Callable[[], str], now: datetime
) -> None:
    """Have the summary of this call drafted. `made_of`: the recording it points into; another one, another draft."""
    key = ":".join(filter(None, [DRAFT_SUMMARY, call_id, made_of]))
    await add_job(uow, NewJob(kind=DRAFT_SUMMARY, key=key, args={"call": call_id}, tenant_id=tenant_id), new_id, now)


async def draft_summary(
    database: Database, call_id: str, new_id: Callable[[], str], clock: Callable[[], datetime]
) -> Summary | None:
    """Draft the summary of a call, with its moments where it was recorded; None when there is nothing to say of it."""
    async with database.read(_SCOPE) as uow:
        story = await read_story(uow, call_id)
        recording = await uow.rows(Recording).get(call_id)
    if not story.guest_came or (recording is not None and recording.status in GONE):
        return None
    lines = summarise(read_facts(story.facts), _timeline(story, recording), story.meeting)
    async with database.write(_SCOPE) as uow:
        if await _file_of(uow, call_id) != (recording.file if recording else None):
            return None  # made anew meanwhile: another draft was asked for, with its moments
        return await _keep(uow, story, recording, lines, new_id, clock())


async def retry_draft(uow: UnitOfWork, appointment_id: str, now: datetime) -> JobView:
    """Have the draft that could not be made tried again. Raises NotFound, JobNotFailed."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    call_id = (await assignment_of(uow, appointment.id)).call_id
    job = await draft_job(uow, call_id)
    if job is None:
        raise JobNotFailed()
    await retry_job(uow, job.id, now)
    deed = Deed(action="summary.retried", object_kind="job", object_id=job.id, tenant_id=appointment.tenant_id)
    await record_deed(uow, deed, now)
    await tell(uow, "job", job.id, appointment.tenant_id, now)
    return await read_job(uow, job.id)


async def draft_job(uow: UnitOfWork, call_id: str) -> JobView | None:
    """How far the latest draft of this call is. Not scoped: the caller has seen the appointment or its recording."""
    return await latest_job(uow, f"{DRAFT_SUMMARY}:{call_id}")


def _timeline(story: CallStory, recording: Recording | None) -> Timeline:
    """As the playable file has it; without one, from the facts alone."""
    if recording is not None and recording.contents is not None:
        return Timeline.restored(recording.contents)
    return make_timeline(read_facts(story.facts), {}, {}, story.seat_ids)


async def _file_of(uow: UnitOfWork, call_id: str) -> str | None:
    recording = await uow.rows(Recording).get(call_id, lock=True)
    return recording.file if recording else None


async def _keep(
    uow: UnitOfWork,
    story: CallStory,
    recording: Recording | None,
    lines: Sequence[DraftLine],
    new_id: Callable[[], str],
    now: datetime,
) -> Summary:
    """The draft and its entries, all at once and each only once."""
    appointment = story.appointment
    summary = await keep_draft(uow, story, lines, new_id, now)
    owner = recording.owner if recording else await owner_of_appointment(uow, appointment, new_id, now)
    for case in await cases_of_owner(uow, owner, story, new_id, now):
        await enter(uow, case, EntryKind.SUMMARY, summary.id, appointment.id, new_id, now)
    return summary


async def cases_of_owner(
    uow: UnitOfWork, owner: Owner, story: CallStory, new_id: Callable[[], str], now: datetime
) -> list[Case]:
    """In whose case files it is entered: the counselled seeker's, or, where the seeker agreed, that of the centre.

    What belongs to a group is entered in nobody's: it holds the words of others.
    """
    if owner.kind is OwnerKind.CASE:
        return [await uow.rows(Case).one(owner.id)]
    if story.appointment.kind is not Kind.INTERVIEW:
        return []
    guests = [seat for seat in story.places if not seat.staff]
    answers = await answers_of(uow, [seat.id for seat in guests], await asked(uow, story.appointment))
    agreed = [seat for seat in guests if answers[seat.id].get(Item.CENTRE_SHARING) is Answer.GRANTED]
    centre = await centre_of(uow, story.appointment)
    if centre is None:
        return []
    return [await case_of(uow, centre.id, seat.person_id, new_id, now) for seat in agreed]


async def keep_draft(
    uow: UnitOfWork, story: CallStory, lines: Sequence[DraftLine], new_id: Callable[[], str], now: datetime
) -> Summary:
    """Keep the draft, or the better one in its place as long as nobody has touched it."""
    persons = {seat.id: seat.person_id for seat in story.places}
    kept = tuple(_line(line, persons, new_id()) for line in lines[:MAX_LINES])
    appointment = story.appointment
    found = await uow.rows(Summary).first(summaries.c.appointment_id == appointment.id)
    if found is not None and (found.status is not SummaryStatus.DRAFTED or _say_the_same(found.lines, kept)):
        return found
    if found is None:
        summary = Summary(
            id=new_id(),
            tenant_id=appointment.tenant_id,
            appointment_id=appointment.id,
            lines=kept,
            version=1,
            status=SummaryStatus.DRAFTED,
            drafted_at=now,
        )
        await uow.rows(Summary).add(summary)
    else:
        summary = replace(found, lines=kept, version=found.version + 1, drafted_at=now)
        await uow.rows(Summary).save(summary)
    await tell(uow, "summary", summary.id, summary.tenant_id, now)
    return summary


def _say_the_same(some: Sequence[Line], others: Sequence[Line]) -> bool:
    """Drafted twice of the same facts, as after a kill: nothing new."""
    return [replace(line, id="") for line in some] == [replace(line, id="") for line in others]


def _line(line: DraftLine, persons: Mapping[str, str], line_id: str) -> Line:
    return Line(
        id=line_id,
        kind=line.kind,
        text_ko=line.text_ko,
        text_en=line.text_en,
        at_s=line.at_s,
        evidence=line.evidence,
        author=MACHINE,
        by=persons.get(line.by or ""),
        at=datetime.fromtimestamp(line.at_ns / 1e9, UTC),
    )


def _fact(row: Any) -> dict[str, Any]:
    return {
        **row.body,
        "call": row.call_id,
        "epoch": row.epoch,
        "run": row.run,
        "seq": row.seq,
        "at": row.at.isoformat(),
        "kind": row.kind,
    }
