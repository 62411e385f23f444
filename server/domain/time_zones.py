"""Wall-clock times become moments here. A time that a zone skips or repeats is refused, never guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.errors import Invalid


class ZoneUnknown(Invalid):
    """This time zone is not known; use an IANA name like Asia/Seoul."""

    code = "time_zone_unknown"


class TimeDoesNotExist(Invalid):
    """Clocks skip this time in that zone."""

    code = "time_does_not_exist"


class TimeAmbiguous(Invalid):
    """Clocks show this time twice in that zone; send the moment in UTC."""

    code = "time_ambiguous"


def zone_of(name: str) -> ZoneInfo:
    """The zone with this IANA name. Raises ZoneUnknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ZoneUnknown() from error


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of this wall-clock time. Raises TimeDoesNotExist or TimeAmbiguous."""
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    moment = first.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None, fold=0):
        raise TimeDoesNotExist(zone=zone.key)
    if first.utcoffset() != second.utcoffset():
        raise TimeAmbiguous(zone=zone.key, earlier=_stamp(moment), later=_stamp(second.astimezone(UTC)))
    return moment


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
