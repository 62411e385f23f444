"""Accounts and sessions of staff. A session is a row; the browser holds an opaque secret, we hold its hash."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from server.actions.passwords import Passwords
from server.domain.errors import Conflict, Invalid, NotSignedIn
from server.domain.links import hash_of
from server.domain.people import Language, Person, Role, Session, Staff, clean_name
from server.domain.permissions import StaffScope, SystemScope
from server.storage.tables.people import sessions, staff
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import Database, UnitOfWork

SESSION_LIVES = timedelta(hours=12)
PASSWORD_MIN_CHARACTERS = 10
PASSWORD_MAX_BYTES = 1024
_DOOR = SystemScope("sign-in")


class SignInRefused(NotSignedIn):
    """E-mail address or password is wrong."""

    code = "sign_in_refused"


class EmailTaken(Conflict):
    """There is an account with this e-mail address already."""

    code = "email_taken"


class PasswordTooShort(Invalid):
    """A password needs at least 10 characters."""

    code = "password_too_short"


async def sign_in(
    database: Database, passwords: Passwords, email: str, password: str, now: datetime, secret: str, origin: str
) -> Staff:
    """Open a session under `secret`. Raises SignInRefused. The hash is computed outside any transaction."""
    async with database.read(_DOOR) as uow:
        account = await uow.rows(Staff).first(func.lower(staff.c.email) == email.strip().lower())
    right = await passwords.matches(account.password_hash if account else None, password)
    if account is None or not right or account.disabled_at is not None:
        raise SignInRefused()
    async with database.write(_DOOR, origin) as uow:
        await uow.execute(delete(sessions).where(sessions.c.expires_at < now))
        session = Session(id=hash_of(secret), staff_id=account.id, created_at=now, expires_at=now + SESSION_LIVES)
        await uow.rows(Session).add(session)
        deed = Deed(action="session.opened", object_kind="staff", object_id=account.id, tenant_id=account.tenant_id)
        await record_deed(uow.beyond(scope_of(account)), deed, now)
    return account


async def identify(uow: UnitOfWork, secret: str, now: datetime) -> StaffScope:
    """Who holds this session. Raises NotSignedIn."""
    query = select(sessions.c.staff_id).where(sessions.c.id == hash_of(secret), sessions.c.expires_at > now)
    found = (await uow.execute(query)).scalar_one_or_none()
    account = await uow.rows(Staff).get(found) if found else None
    if account is None or account.disabled_at is not None:
        raise NotSignedIn()
    return scope_of(account)


async def live_sessions(uow: UnitOfWork, session_ids: Collection[str], now: datetime) -> set[str]:
    """Those of these sessions that somebody still holds, by the rule of `identify`."""
    query = (
        select(sessions.c.id)
        .join(staff, staff.c.id == sessions.c.staff_id)
        .where(sessions.c.id.in_(session_ids), sessions.c.expires_at > now, staff.c.disabled_at.is_(None))
    )
    return set((await uow.execute(query)).scalars())


async def sign_out(uow: UnitOfWork, session_id: str) -> None:
    """End the session. Idempotent."""
    await uow.execute(delete(sessions).where(sessions.c.id == session_id))


async def add_staff(
    uow: UnitOfWork,
    passwords: Passwords,
    *,
    tenant_id: str,
    name: str,
    email: str,
    role: Role,
    password: str,
    now: datetime,
    new_id: Callable[[], str],
) -> Staff:
    """A new account. Raises EmailTaken, PasswordTooShort, NameInvalid."""
    if len(password) < PASSWORD_MIN_CHARACTERS or len(password.encode()) > PASSWORD_MAX_BYTES:
        raise PasswordTooShort()
    if await uow.rows(Staff).count(func.lower(staff.c.email) == email.strip().lower()):
        raise EmailTaken()
    person = Person(id=new_id(), name=clean_name(name), phone=None, lang=Language.KO, created_at=now)
    await uow.rows(Person).add(person)
    account = Staff(
        id=person.id,
        tenant_id=tenant_id,
        role=role,
        email=email.strip(),
        password_hash=await passwords.hash(password),
        disabled_at=None,
    )
    await uow.rows(Staff).add(account)
    return account


async def set_password(uow: UnitOfWork, passwords: Passwords, staff_id: str, password: str) -> None:
    """Give an account another password and end its sessions."""
    account = await uow.rows(Staff).one(staff_id)
    await uow.rows(Staff).save(replace(account, password_hash=await passwords.hash(password)))
    await uow.execute(delete(sessions).where(sessions.c.staff_id == staff_id))


def scope_of(account: Staff) -> StaffScope:
    """Through which scope this account sees."""
    return StaffScope(person_id=account.id, tenant_id=account.tenant_id, role=account.role)
