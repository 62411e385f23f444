"""Tenants and what belongs to them. A tenant never sees another tenant's rows."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.engines import Engine


class TenantKind(StrEnum):
    """What sort of organisation a tenant is."""

    CENTRE = "centre"  # 고용센터: owns case files
    AGENCY = "agency"  # 민간위탁기관: sees only what was referred to it
    EMPLOYER = "employer"  # 구인기업: owns postings and applications


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """An organisation that uses the server."""

    id: str
    kind: TenantKind
    name: str
    phone: str  # shown on every page of a seeker
    zone: str  # IANA name; wall-clock times of its people are in this zone


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room of a tenant: one conversation at a time is booked into it. It may ask for nodes of one engine."""

    id: str
    tenant_id: str
    name: str
    engine: Engine | None = None
