"""Reach: what a row of the authorisation table means for a role."""

import pytest

from server.domain.errors import NotAllowed
from server.domain.people import Role
from server.domain.permissions import Allow, Reach, sees_whole_tenant


def test_a_role_that_a_row_does_not_name_reaches_nothing() -> None:
    row = Allow(counsellor=Reach.OWN)
    assert {role: row.reach(role) for role in Role} == {
        Role.COUNSELLOR: Reach.OWN,
        Role.ADMIN: Reach.NOTHING,
        Role.LEAD_INTERVIEWER: Reach.NOTHING,
        Role.INTERVIEWER: Reach.NOTHING,
        Role.OPERATOR: Reach.NOTHING,
    }
    row.check(Role.COUNSELLOR)
    for role in set(Role) - {Role.COUNSELLOR}:
        with pytest.raises(NotAllowed):
            row.check(role)


def test_planners_see_the_whole_schedule_of_their_tenant() -> None:
    assert {role for role in Role if sees_whole_tenant(role)} == {Role.ADMIN, Role.LEAD_INTERVIEWER}
