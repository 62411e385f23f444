"""A seeker's link: made and made again by staff. The secret is shown once; only its hash stays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update

from server.domain.appointments import Appointment, PeopleInvalid, Seat, Status, WrongState
from server.domain.errors import NotFound
from server.domain.links import Link, hash_of
from server.domain.organisations import Tenant
from server.domain.people import Person
from server.domain.permissions import StaffScope, SystemScope
from server.domain.time_zones import zone_of
from server.storage.tables.appointments import links
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("link of a visible seat")
_WEEKDAYS_KO = "월화수목금토일"


@dataclass(frozen=True, kw_only=True)
class IssuedLink:
    """A fresh link with texts to send along. There is no mail yet: a person copies them."""

    url: str
    message_ko: str
    message_en: str


async def issue_link(
    uow: UnitOfWork,
    appointment_id: str,
    seat_id: str,
    by: StaffScope,
    now: datetime,
    new_secret: Callable[[], str],
    public_url: str,
) -> IssuedLink:
    """A new link for a guest's seat. The old one, and the pages it opened, stop working at once."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    seat = await uow.rows(Seat).one(seat_id, lock=True)
    if seat.appointment_id != appointment.id:
        raise NotFound(kind="seat")
    if seat.staff:
        raise PeopleInvalid(guests_only=True)
    if appointment.status in (Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW, Status.RESCHEDULED):
        raise WrongState(status=appointment.status.value, wanted="link")
    secret = new_secret()
    await uow.execute(
        update(links).where(links.c.seat_id == seat.id, links.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    link = Link(secret_hash=hash_of(secret), seat_id=seat.id, issued_at=now, issued_by=by.person_id, revoked_at=None)
    await uow.beyond(_SYSTEM).rows(Link).add(link)
    deed = Deed(
        action="link.issued",
        object_kind="seat",
        object_id=seat.id,
        tenant_id=appointment.tenant_id,
        subject_id=seat.person_id,
    )
    await record_deed(uow, deed, now)
    tenant = await uow.rows(Tenant).one(appointment.tenant_id)
    person = await uow.rows(Person).one(seat.person_id)
    return _worded(f"{public_url}/join#{secret}", appointment, tenant, person)


def _worded(url: str, appointment: Appointment, tenant: Tenant, person: Person) -> IssuedLink:
    local = appointment.starts_at.astimezone(zone_of(tenant.zone))
    minutes = int((appointment.ends_at - appointment.starts_at).total_seconds() // 60)
    korean = "\n".join(
        [
            f"[{tenant.name}] {person.name} 님, {_KIND_KO[appointment.kind]} 안내입니다.",
            f"일시: {_date_ko(local)} ({minutes}분)",
            "시작 30분 전부터 아래 링크로 들어오실 수 있습니다. 설치나 가입은 필요 없습니다.",
            url,
            f"문의: {tenant.phone}",
        ]
    )
    english = "\n".join(
        [
            f"[{tenant.name}] {person.name}, this is about your {_KIND_EN[appointment.kind]}.",
            f"When: {local:%A %d %B %Y, %H:%M} ({_zone_name(local)}, {minutes} minutes)",
            "From 30 minutes before, this link lets you in. No account and nothing to install.",
            url,
            f"Questions: {tenant.phone}",
        ]
    )
    return IssuedLink(url=url, message_ko=korean, message_en=english)


_KIND_KO = {"interview": "화상 면접", "counselling": "화상 취업상담", "small_group": "온라인 소그룹 모임"}
_KIND_EN = {"interview": "video interview", "counselling": "video counselling", "small_group": "online group meeting"}


def _date_ko(local: datetime) -> str:
    weekday = _WEEKDAYS_KO[local.weekday()]
    half, hour = ("오전", local.hour) if local.hour < 12 else ("오후", local.hour - 12)
    return f"{local.year}년 {local.month}월 {local.day}일({weekday}) {half} {hour or 12}시 {local.minute:02d}분"


def _zone_name(local: datetime) -> str:
    return local.tzinfo.key if isinstance(local.tzinfo, ZoneInfo) else str(local.tzinfo)
