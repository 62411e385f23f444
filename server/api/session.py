"""Signing in and out, and who one is."""

from aiohttp import web
from pydantic import Field

from server.actions.sign_in import SESSION_LIVES, SignInRefused, sign_in, sign_out
from server.api.adapter import Answer, Body
from server.api.ask import Ask, Services, StaffAsk
from server.api.attempts import SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS
from server.domain.appointments import Kind, capacity
from server.domain.organisations import Tenant, TenantKind
from server.domain.people import Language, Person, Role, Staff
from server.domain.permissions import StaffScope
from server.storage.unit_of_work import UnitOfWork


class SignIn(Body):
    """E-mail address and password of a local account."""

    email: str = Field(min_length=3, max_length=254)
    password: str = Field(min_length=1, max_length=1024)


class TenantView(Answer):
    """The organisation one belongs to."""

    id: str
    kind: TenantKind
    name: str
    phone: str
    zone: str


class Me(Answer):
    """Who is signed in."""

    id: str
    name: str
    lang: Language
    role: Role
    tenant: TenantView
    group_seats: int  # how many people one group may have, hosts among them
    has_samples: bool


async def create_session(ask: Ask, body: SignIn) -> web.Response:
    """Sign in; sets the session cookie and answers who one is, as GET /api/session does."""
    services = ask.services
    secret = services.new_secret()
    account = await _account_of(ask, body, secret)
    scope = StaffScope(person_id=account.id, tenant_id=account.tenant_id, role=account.role)
    async with services.database.read(scope) as uow:
        me = await _me(uow, scope, services)
    response = web.Response(body=me.model_dump_json().encode(), content_type="application/json")
    secure = services.public_url.startswith("https:")
    response.set_cookie(
        cookie_name(services),
        secret,
        max_age=int(SESSION_LIVES.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return response


async def read_session(ask: StaffAsk, uow: UnitOfWork) -> Me:
    """Who is signed in."""
    return await _me(uow, ask.scope, ask.services)


async def delete_session(ask: StaffAsk, uow: UnitOfWork) -> web.Response:
    """Sign out."""
    await sign_out(uow, ask.session_id)
    response = web.Response(status=204)
    response.del_cookie(cookie_name(ask.services), path="/")
    return response


def cookie_name(services: Services) -> str:
    """The cookie of a session; the `__Host-` prefix ties it to this host wherever there is TLS."""
    return "__Host-ieum" if services.public_url.startswith("https:") else "ieum"


async def _account_of(ask: Ask, body: SignIn, secret: str) -> Staff:
    """Whose password this is; opens the session. Raises SignInRefused, TooMany."""
    services, account_key = ask.services, body.email.strip().lower()
    attempts = services.attempts
    async with attempts.turn(SIGN_IN_PER_ADDRESS, ask.origin), attempts.turn(SIGN_IN_PER_ACCOUNT, account_key):
        try:
            return await sign_in(
                services.database, services.passwords, body.email, body.password, ask.at, secret, ask.origin
            )
        except SignInRefused:
            await attempts.failed(SIGN_IN_PER_ADDRESS, ask.origin)
            await attempts.failed(SIGN_IN_PER_ACCOUNT, account_key)
            raise


async def _me(uow: UnitOfWork, scope: StaffScope, services: Services) -> Me:
    person = await uow.rows(Person).one(scope.person_id)
    tenant = await uow.rows(Tenant).one(scope.tenant_id)
    return Me(
        id=person.id,
        name=person.name,
        lang=person.lang,
        role=scope.role,
        tenant=TenantView(id=tenant.id, kind=tenant.kind, name=tenant.name, phone=tenant.phone, zone=tenant.zone),
        group_seats=capacity(Kind.SMALL_GROUP),
        has_samples=services.has_samples,
    )
