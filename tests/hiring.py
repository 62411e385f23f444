"""What an employer does over the API before an interview: postings, applicants, a row of interviews."""

from typing import Any

from sqlalchemy import select

from server.actions.sign_in import add_staff
from server.domain.people import Role
from server.storage.tables.trail import audit
from server.storage.unit_of_work import Database
from tests.world import (
    HOUR,
    NOW,
    PASSWORD,
    SCOPE,
    Browser,
    World,
    make_world,
    new_id,
)

ANCHORS = {"1": "어렵다", "3": "스스로 한다", "5": "남을 돕는다"}
KIT = {
    "questions": [{"text": "자기소개를 해 주세요", "minutes": 3}, {"text": "재고 차이를 찾은 경험", "minutes": 5}],
    "attributes": [{"name": "정확성", "anchors": ANCHORS}, {"name": "의사소통", "anchors": ANCHORS}],
}
POSTING = {"title": "물류 사무원(견본)", **KIT}
NONE = "0" * 32


async def hiring_world(database: Database) -> World:
    """The world, in which the employer has an administrator as well."""
    world = await make_world(database)
    async with database.write(SCOPE) as uow:
        world.staff["hr"] = await add_staff(
            uow,
            world.passwords,
            tenant_id=world.tenants["employer"].id,
            name="견본 hr",
            email="hr@example.kr",
            role=Role.ADMIN,
            password=PASSWORD,
            now=NOW,
            new_id=new_id,
        )
    return world


async def made(lead: Browser, **changes: Any) -> Any:
    return await lead.post("/api/postings", {**POSTING, **changes}, 201)


async def applicant(lead: Browser, posting: Any, name: str, phone: str, status: int = 201) -> Any:
    return await lead.post(f"/api/postings/{posting['id']}/applications", {"name": name, "phone": phone}, status)


async def three(lead: Browser, posting: Any) -> list[str]:
    """Ids of three applications."""
    return [(await applicant(lead, posting, f"지원자{n}", f"0107777000{n}"))["id"] for n in (1, 2, 3)]


def row(world: World, ids: list[str], **changes: Any) -> dict[str, Any]:
    return {
        "application_ids": ids,
        "host_ids": [world.staff["lead"].id, world.staff["panel"].id],
        "starts_at": (NOW + HOUR).isoformat(),
        "minutes": 25,
        "break_minutes": 5,
        **changes,
    }


async def deeds(world: World, prefix: str) -> list[str]:
    async with world.database.read(SCOPE) as uow:
        query = select(audit.c.action).where(audit.c.action.startswith(prefix)).order_by(audit.c.id)
        return list((await uow.execute(query)).scalars())
