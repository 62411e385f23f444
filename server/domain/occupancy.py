"""Double booking, made impossible by keys: time is cut into buckets of five minutes, and a bucket has one owner.

Storage keeps one row per (resource, id, bucket) under a unique key. It is the same mechanism on SQLite and
PostgreSQL, and works across tenants without showing one tenant's appointment to another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.errors import Conflict

BUCKET_S = 300


class Resource(StrEnum):
    """What can be taken only once at a time."""

    PERSON = "person"  # a seeker
    HOST = "host"  # a member of staff
    ROOM = "room"  # a room of a tenant


class PersonBusy(Conflict):
    """This person is not free at that time."""

    code = "person_busy"


class HostBusy(Conflict):
    """This host has another appointment at that time."""

    code = "host_busy"


class NoRoomFree(Conflict):
    """No room is free at that time."""

    code = "no_room_free"


BUSY: dict[Resource, type[Conflict]] = {
    Resource.PERSON: PersonBusy,
    Resource.HOST: HostBusy,
    Resource.ROOM: NoRoomFree,
}


@dataclass(frozen=True, order=True)
class Claim:
    """One bucket of one resource. Claims are made in sorted order, so that two bookings cannot deadlock."""

    resource: Resource
    resource_id: str
    bucket: int


def buckets(starts_at: datetime, ends_at: datetime) -> range:
    """Every bucket that [starts_at, ends_at) touches; touching ends do not overlap when they are on a boundary."""
    return range(int(starts_at.timestamp()) // BUCKET_S, -(-int(ends_at.timestamp()) // BUCKET_S))


def claims(resource: Resource, ids: Iterable[str], starts_at: datetime, ends_at: datetime) -> list[Claim]:
    """What a booking of these resources takes, sorted."""
    return sorted(Claim(resource, one, bucket) for one in ids for bucket in buckets(starts_at, ends_at))
