"""Things of the domain with everything filled in, for tests that care about one field of them."""

from datetime import UTC, datetime, timedelta

from server.domain.appointments import Appointment, Kind, Status

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def appointment(status: Status = Status.CONFIRMED) -> Appointment:
    return Appointment(
        id="a",
        tenant_id="t",
        kind=Kind.COUNSELLING,
        title="",
        status=status,
        starts_at=START,
        ends_at=START + timedelta(minutes=50),
        recording_allowed=False,
        application_id=None,
        replaces_id=None,
        agenda=(),
        cancel_reason=None,
        created_by="p",
        created_at=START,
    )
