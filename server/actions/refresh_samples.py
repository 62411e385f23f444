"""The sample meetings, made or moved so that at every start something can be joined now.

A meeting ahead that nobody has touched since the last start is moved, and one that is over is made anew on another day;
one that somebody has tried stays as it is and gets a successor once there is nothing left to try on it. Bookings,
cancellations and facts go through the same actions as real ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

import structlog
from sqlalchemy import delete

from server.actions.begin_notes import begin_notes
from server.actions.book import Wish, book
from server.actions.change_appointment import assignment_of, cancel, move
from server.actions.consents import asked, give_answers
from server.actions.content_keys import content_key_of
from server.actions.documents import DocumentVault
from server.actions.finished_samples import is_untouched, is_used_up, take_away
from server.actions.follow_recording import follow_recordings
from server.actions.history import remember
from server.actions.links import issue_link
from server.actions.passwords import Passwords
from server.actions.record_facts import record_facts
from server.actions.sample_people import SampleAccount, application_id, refresh_people
from server.actions.sample_story import StoryOf, attended, journal, record
from server.actions.sign_in import scope_of
from server.domain import samples
from server.domain.appointments import AgendaItem, Appointment, Kind, Presence, Seat, SeatRole, Status
from server.domain.consent import Answer, Item
from server.domain.errors import Refused
from server.domain.history import Step
from server.domain.people import Language, Staff
from server.domain.permissions import StaffScope, SystemScope
from server.domain.rooms import Assignment
from server.domain.samples import Becomes, SampleMeeting, sample_id
from server.domain.time_zones import zone_of
from server.storage.files import FileStore
from server.storage.keys import Keys
from server.storage.occupancy import give_back
from server.storage.tables.appointments import history, seats
from server.storage.unit_of_work import Database, UnitOfWork

_SCOPE = SystemScope("samples")
_MOVABLE = (Becomes.AHEAD, Becomes.WAITING, Becomes.MISSED)
_EARLIER = timedelta(hours=3)  # "now" of a booking that lies in the past

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SampleLink:
    """A sample seeker's link."""

    name: str
    url: str


@dataclass(frozen=True)
class Samples:
    """Whom the product can be tried as, and in whose seats sample guests wait."""

    people: tuple[SampleAccount, ...]
    links: tuple[SampleLink, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SampleSite:
    """Where samples are made."""

    database: Database
    passwords: Passwords
    keys: Keys
    files: FileStore
    spool: Path  # for the sample recording, encrypted, until it is in the file store
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    public_url: str


async def refresh_samples(site: SampleSite, known_passwords: Mapping[str, str]) -> Samples:
    """Make or refresh everything. Links are issued anew each time, for only their hashes are kept."""
    now = site.clock()
    vault = DocumentVault(keys=site.keys, files=site.files, new_id=site.new_id)
    async with site.database.write(_SCOPE) as uow:
        accounts = await refresh_people(
            uow, known_passwords, site.passwords, vault, lambda: site.new_secret()[:16], now
        )
    async with site.database.write(_SCOPE) as uow:
        made = {meeting.key: await _made(uow, meeting) for meeting in samples.MEETINGS}
        for found in chain.from_iterable(made.values()):
            if found.ends_at <= now or await _untouched(uow, found):
                await give_back(uow, found.id)  # all of them first, so that none stands in another's way
    for meeting in samples.MEETINGS:
        await _refresh(site, meeting, next(reversed(made[meeting.key]), None), now)
    async with site.database.write(_SCOPE) as uow:
        links = [await _link(uow, site, meeting, seeker, now) for meeting, seeker in samples.LINKED]
        waiting = [await _waiting(uow, meeting) for meeting in samples.MEETINGS if meeting.becomes is Becomes.WAITING]
    return Samples(
        tuple(accounts),
        tuple(link for link in links if link is not None),
        tuple(seat for seat in waiting if seat is not None),
    )


async def _refresh(site: SampleSite, meeting: SampleMeeting, found: Appointment | None, now: datetime) -> None:
    try:
        if found is None:
            async with site.database.write(_SCOPE) as uow:
                await _make(site, uow, meeting, now)
        elif meeting.becomes in _MOVABLE:
            await _refresh_ahead(site, meeting, found, now)
        else:
            await _refresh_finished(site, meeting, found, now)
    except Refused as refused:  # somebody has booked these people at this time: their booking counts
        log.warning("sample_meeting_not_refreshed", meeting=meeting.key, code=refused.code)


async def _refresh_ahead(site: SampleSite, meeting: SampleMeeting, found: Appointment, now: datetime) -> None:
    async with site.database.write(_SCOPE) as uow:
        if await _untouched(uow, found):
            await _move(uow, meeting, found, now)
            await _shape(uow, meeting, found.id, now)
        else:
            await _make(site, uow, meeting, now)


async def _refresh_finished(site: SampleSite, meeting: SampleMeeting, found: Appointment, now: datetime) -> None:
    """In one transaction, so that the old one stays where a new one cannot be made."""
    taken_away = None
    async with site.database.write(_SCOPE) as uow:
        if not _same_day(found.starts_at, meeting.starts_at(now)) and await is_untouched(uow, found):
            taken_away = await take_away(uow, found)
        elif not await is_used_up(uow, found):
            return
        await _make(site, uow, meeting, now)
    for name in await site.files.names(f"recordings/{taken_away}") if taken_away else ():
        await site.files.delete(name)


def _same_day(one: datetime, other: datetime) -> bool:
    zone = zone_of(samples.ZONE)
    return one.astimezone(zone).date() == other.astimezone(zone).date()


async def _make(site: SampleSite, uow: UnitOfWork, meeting: SampleMeeting, now: datetime) -> None:
    by = await _scope(uow, meeting.hosts[0])
    starts_at = meeting.starts_at(now)
    interview = meeting.kind is Kind.INTERVIEW
    wish = Wish(
        kind=meeting.kind,
        seeker_ids=[sample_id(key) for key in meeting.seekers],
        host_ids=[sample_id(key) for key in meeting.hosts],
        starts_at=starts_at,
        minutes=meeting.minutes,
        title=samples.marked(meeting.title) if meeting.title else "",
        recording=meeting.recording,
        application_id=application_id(meeting.seekers[0]) if interview else None,
        agenda=[AgendaItem(id=site.new_id(), text=text, minutes=minutes) for text, minutes in meeting.agenda],
    )
    new_id = await _ids_for(uow, site, meeting)
    booked = await book(UnitOfWork(uow.connection, by), wish, by, min(now, starts_at) - _EARLIER, new_id)
    if meeting.becomes is Becomes.CANCELLED:
        await cancel(UnitOfWork(uow.connection, by), booked.id, "구직자가 취업하여 상담을 마침", now)
    elif meeting.becomes is Becomes.HELD:
        await _hold(site, uow, booked)
    elif meeting.becomes is Becomes.RECORDED:
        await _hold_recorded(site, uow, booked)
    else:
        await _shape(uow, meeting, booked.id, now)


async def _move(uow: UnitOfWork, meeting: SampleMeeting, found: Appointment, now: datetime) -> None:
    """To the new time, and everybody out of the room that nobody had entered."""
    by = await _scope(uow, meeting.hosts[0])
    starts_at = meeting.starts_at(now)
    then = min(now, starts_at) - _EARLIER
    moved = await move(UnitOfWork(uow.connection, by), found.id, starts_at, meeting.minutes, "", then)
    await uow.execute(delete(history).where(history.c.appointment_id == found.id))  # each start is the first one
    await remember(UnitOfWork(uow.connection, by), moved, then, Step.BOOKED)


async def _shape(uow: UnitOfWork, meeting: SampleMeeting, appointment_id: str, now: datetime) -> None:
    """Who has come so far, as the meeting is to look."""
    missed = meeting.becomes is Becomes.MISSED
    for seat in await _seats(uow, appointment_id):
        came = missed and seat.staff
        shaped = replace(
            seat,
            presence=Presence.LEFT if came else Presence.INVITED,
            presence_at=now if came else None,
            first_present_at=meeting.starts_at(now) if came else None,
        )
        await uow.rows(Seat).save(shaped)
    if missed:
        await _open(uow, await uow.rows(Appointment).one(appointment_id))


async def _hold(site: SampleSite, uow: UnitOfWork, booked: Appointment) -> None:
    """It was held from start to end."""
    assignment = await _open(uow, booked)
    places = await _seats(uow, booked.id)
    host = next(seat.id for seat in places if seat.role is SeatRole.HOST)
    facts = attended(assignment.call_id, [seat.id for seat in places], host, booked.starts_at, booked.ends_at)
    await record_facts(uow, facts, [follow_recordings(site.keys, site.new_id), begin_notes(site.new_id)])


async def _hold_recorded(site: SampleSite, uow: UnitOfWork, booked: Appointment) -> None:
    """It was held and in part recorded; the work process makes the playable file and the draft."""
    assignment = await _open(uow, booked)
    places = await _seats(uow, booked.id)
    shown = await asked(uow, booked)
    granted = dict.fromkeys((Item.SOUND, Item.PICTURE), Answer.GRANTED)
    for seat in places:
        await give_answers(uow, booked, seat, shown.version, granted, Language.KO, booked.starts_at)
    story = StoryOf(
        call=assignment.call_id,
        host=next(seat.id for seat in places if seat.staff),
        seeker=next(seat.id for seat in places if not seat.staff),
        starts_at=booked.starts_at,
        agenda=[item.id for item in booked.agenda],
        text_version=shown.version,
    )
    key = await content_key_of(uow, booked, site.keys, site.new_id, booked.starts_at)
    parts = await record(story, lambda count: site.keys.issue(key, count, site.new_id), site.files, site.spool)
    projections = [follow_recordings(site.keys, site.new_id), begin_notes(site.new_id)]
    await record_facts(uow, journal(story, parts), projections)


async def _open(uow: UnitOfWork, appointment: Appointment) -> Assignment:
    """As the scheduler would have left it."""
    opened_appointment = replace(appointment, status=Status.OPEN)
    await uow.rows(Appointment).save(opened_appointment)
    await remember(uow, opened_appointment, appointment.opens_at)
    assignment = await assignment_of(uow, appointment.id)
    opened = replace(assignment, epoch=max(1, assignment.epoch), opened_at=appointment.opens_at)
    await uow.rows(Assignment).save(opened)
    return opened


def _meeting_id(meeting: SampleMeeting, number: int) -> str:
    return sample_id(f"meeting {meeting.key} {number}")


async def _made(uow: UnitOfWork, meeting: SampleMeeting) -> list[Appointment]:
    """Every time this meeting was made, the last one last."""
    found: list[Appointment] = []
    while (following := await uow.rows(Appointment).get(_meeting_id(meeting, len(found) + 1))) is not None:
        found.append(following)
    return found


async def _latest(uow: UnitOfWork, meeting: SampleMeeting) -> Appointment | None:
    return next(reversed(await _made(uow, meeting)), None)


async def _ids_for(uow: UnitOfWork, site: SampleSite, meeting: SampleMeeting) -> Callable[[], str]:
    """Ids for a booking: the appointment's is that of the meeting's next making, so that it is found again."""
    ids = chain([_meeting_id(meeting, len(await _made(uow, meeting)) + 1)], iter(site.new_id, ""))
    return lambda: next(ids)


async def _untouched(uow: UnitOfWork, found: Appointment) -> bool:
    """Nobody has tried it: still ahead or open, and no guest has been in the room."""
    if found.status not in (Status.CONFIRMED, Status.OPEN):
        return False
    return all(seat.first_present_at is None for seat in await _seats(uow, found.id) if not seat.staff)


async def _link(
    uow: UnitOfWork, site: SampleSite, meeting_key: str, seeker_key: str, now: datetime
) -> SampleLink | None:
    meeting = next(one for one in samples.MEETINGS if one.key == meeting_key)
    found = await _latest(uow, meeting)
    if found is None or found.status not in (Status.CONFIRMED, Status.OPEN):
        return None
    by = await _scope(uow, meeting.hosts[0])
    seat = next(one for one in await _seats(uow, found.id) if one.person_id == sample_id(seeker_key))
    staff_uow = UnitOfWork(uow.connection, by)
    issued = await issue_link(staff_uow, found.id, seat.id, by, now, site.new_secret, site.public_url)
    return SampleLink(seat.name, issued.url)


async def _waiting(uow: UnitOfWork, meeting: SampleMeeting) -> str | None:
    """The seat in which a sample guest is to wait, unless somebody has tried this meeting."""
    found = await _latest(uow, meeting)
    if found is None or not await _untouched(uow, found):
        return None
    first = sample_id(meeting.seekers[0])
    return next(seat.id for seat in await _seats(uow, found.id) if seat.person_id == first)


async def _seats(uow: UnitOfWork, appointment_id: str) -> Sequence[Seat]:
    return await uow.rows(Seat).where(seats.c.appointment_id == appointment_id, order_by=[seats.c.id])


async def _scope(uow: UnitOfWork, key: str) -> StaffScope:
    return scope_of(await uow.rows(Staff).one(sample_id(key)))
