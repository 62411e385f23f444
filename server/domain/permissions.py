"""Who asks, and how far they may see. Storage turns a Scope into the one condition that every query carries."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.errors import NotAllowed
from server.domain.people import Role


@dataclass(frozen=True)
class SystemScope:
    """The server itself: scheduler, facts from nodes, jobs. Never made from a request."""

    reason: str  # for the audit trail: why nobody in particular asks


@dataclass(frozen=True, kw_only=True)
class StaffScope:
    """A signed-in member of staff."""

    person_id: str
    tenant_id: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class VisitScope:
    """A seeker on the page of their own link: one seat and nothing else."""

    person_id: str
    seat_id: str
    appointment_id: str


Scope = SystemScope | StaffScope | VisitScope


class Reach(StrEnum):
    """How far an operation reaches for a role. One table (server/api/routes.py) says it for every route."""

    NOTHING = "nothing"  # the role may not call it at all
    OWN = "own"  # own cases, and appointments one has a seat in or made
    TENANT = "tenant"  # everything of one's own tenant
    FIGURES = "figures"  # of the whole installation: loads and counts, nothing that names a person or a tenant


@dataclass(frozen=True, kw_only=True)
class Allow:
    """One row of the authorisation table: what each role reaches through one operation."""

    counsellor: Reach = Reach.NOTHING
    admin: Reach = Reach.NOTHING
    lead_interviewer: Reach = Reach.NOTHING
    interviewer: Reach = Reach.NOTHING
    operator: Reach = Reach.NOTHING

    def reach(self, role: Role) -> Reach:
        """How far this role reaches."""
        reach: Reach = getattr(self, role.value)
        return reach

    def check(self, role: Role) -> None:
        """Raise NotAllowed when the role may not call the operation at all."""
        if self.reach(role) is Reach.NOTHING:
            raise NotAllowed()


def sees_whole_tenant(role: Role) -> bool:
    """Schedules are everybody's business to those who plan them; contents of cases are not (see Allow)."""
    return role in (Role.ADMIN, Role.LEAD_INTERVIEWER)
