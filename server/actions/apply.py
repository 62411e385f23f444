"""Applications (지원): somebody is taken in as an applicant for a posting, or takes their application back."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from server.actions.change_appointment import cancel
from server.actions.register_seeker import NewSeeker, register_seeker
from server.domain.appointments import Appointment, ReasonMissing, Status
from server.domain.interviews import Application, Posting
from server.domain.organisations import Tenant
from server.domain.people import Person, clean_name, clean_phone, clean_text
from server.domain.permissions import StaffScope
from server.domain.postings import (
    APPLICANTS_MAX,
    REASON_MAX_CHARACTERS,
    ApplicantNameDiffers,
    ApplicantsFull,
    applied_again,
    require_open,
    same_name,
    spellings,
    withdrawn,
)
from server.storage.tables.appointments import appointments
from server.storage.tables.interviews import applications
from server.storage.tables.people import people, registrations
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import UnitOfWork

STILL_AHEAD = (Status.CONFIRMED, Status.OPEN)


async def register_applicant(
    uow: UnitOfWork, posting_id: str, new: NewSeeker, by: StaffScope, now: datetime, new_id: Callable[[], str]
) -> Application:
    """An applicant for this posting. Whoever the employer knows by this phone number is not made a second time.

    Raises NotFound, PostingClosed, NameInvalid, PhoneInvalid, ApplicantNameDiffers, AlreadyApplied, ApplicantsFull.
    """
    await uow.rows(Tenant).one(by.tenant_id, lock=True)  # the same person taken in twice at once is one person
    posting = await uow.rows(Posting).one(posting_id, lock=True)
    require_open(posting)
    seeker = await _known(uow, new, by) or await register_seeker(uow, new, by, now, new_id)
    application = await _application(uow, posting, seeker, now, new_id)
    await _done(uow, application, "application.registered", None, now)
    return application


async def withdraw(uow: UnitOfWork, application_id: str, reason: str, now: datetime) -> Application:
    """Take an application back and call off its interviews that have not begun, for the same reason.

    Raises NotFound, ReasonMissing, ApplicationWithdrawn.
    """
    why = clean_text(reason)[:REASON_MAX_CHARACTERS]
    if not why:
        raise ReasonMissing()
    application = withdrawn(await uow.rows(Application).one(application_id, lock=True), why, now)
    await uow.rows(Application).save(application)
    ahead = await uow.rows(Appointment).where(
        appointments.c.application_id == application.id, appointments.c.status.in_(STILL_AHEAD)
    )
    for appointment in ahead:
        await cancel(uow, appointment.id, why, now)
    await _done(uow, application, "application.withdrawn", why, now)
    return application


async def _known(uow: UnitOfWork, new: NewSeeker, by: StaffScope) -> Person | None:
    """The employer's seeker with this number. Raises NameInvalid, PhoneInvalid, ApplicantNameDiffers."""
    name, phone = clean_name(new.name), clean_phone(new.phone)
    own = select(registrations.c.person_id).where(registrations.c.tenant_id == by.tenant_id)
    found = await uow.rows(Person).where(
        people.c.phone.in_(spellings(phone)), people.c.id.in_(own), order_by=[people.c.created_at, people.c.id]
    )
    named = [person for person in found if same_name(person.name, name)]
    if found and not named:
        raise ApplicantNameDiffers()
    return named[0] if named else None


async def _application(
    uow: UnitOfWork, posting: Posting, seeker: Person, now: datetime, new_id: Callable[[], str]
) -> Application:
    of_posting = applications.c.posting_id == posting.id
    earlier = await uow.rows(Application).first(of_posting, applications.c.seeker_id == seeker.id)
    if earlier is not None:
        again = applied_again(earlier, now)
        await uow.rows(Application).save(again)
        return again
    if await uow.rows(Application).count(of_posting) >= APPLICANTS_MAX:
        raise ApplicantsFull(max_applicants=APPLICANTS_MAX)
    application = Application(
        id=new_id(), tenant_id=posting.tenant_id, posting_id=posting.id, seeker_id=seeker.id, applied_at=now
    )
    await uow.rows(Application).add(application)
    return application


async def _done(uow: UnitOfWork, application: Application, action: str, reason: str | None, now: datetime) -> None:
    deed = Deed(
        action=action,
        object_kind="application",
        object_id=application.id,
        tenant_id=application.tenant_id,
        subject_id=application.seeker_id,
        reason=reason,
    )
    await record_deed(uow, deed, now)
    await tell(uow, "posting", application.posting_id, application.tenant_id, now)
