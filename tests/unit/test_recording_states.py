"""The life of a recording and whose it is."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.appointments import Kind
from server.domain.recordings import (
    Owner,
    OwnerKind,
    RecordingNotReady,
    RecordingPurged,
    RecordingStatus,
    may_become,
    owner_of,
    require_playable,
)

S = RecordingStatus


def test_a_purged_recording_never_comes_back() -> None:
    assert [s for s in S if may_become(S.PURGED, s)] == [S.PURGED]


def test_a_recording_is_purged_only_after_it_has_begun_to_expire() -> None:
    assert [s for s in S if may_become(s, S.PURGED)] == [S.EXPIRING, S.PURGED]


def test_a_call_that_is_over_is_never_recorded_again() -> None:
    after = (S.FINALISING, S.AVAILABLE, S.PARTIAL, S.FAILED, S.EXPIRING, S.PURGED)
    assert not any(may_become(a, b) for a, b in itertools.product(after, (S.RECORDING, S.PAUSED)))


@given(steps=st.lists(st.sampled_from(list(S)), max_size=20))
def test_whatever_is_told_a_playable_recording_was_finalised_before(steps: list[RecordingStatus]) -> None:
    status, was_finalised = S.RECORDING, False
    for wanted in steps:
        if may_become(status, wanted):
            status = wanted
        was_finalised |= status is S.FINALISING
        assert was_finalised or status not in (S.AVAILABLE, S.PARTIAL, S.FAILED)


@pytest.mark.parametrize("status", [S.RECORDING, S.PAUSED, S.FINALISING, S.FAILED])
def test_an_unfinished_recording_cannot_be_played(status: RecordingStatus) -> None:
    with pytest.raises(RecordingNotReady):
        require_playable(status)


@pytest.mark.parametrize("status", [S.EXPIRING, S.PURGED])
def test_a_recording_past_its_date_cannot_be_played(status: RecordingStatus) -> None:
    with pytest.raises(RecordingPurged):
        require_playable(status)


@pytest.mark.parametrize("status", [S.AVAILABLE, S.PARTIAL])
def test_a_finished_recording_can_be_played(status: RecordingStatus) -> None:
    require_playable(status)


@pytest.mark.parametrize(
    ("kind", "cases", "application", "owner"),
    [
        (Kind.COUNSELLING, ["c1"], None, Owner(OwnerKind.CASE, "c1")),
        (Kind.INTERVIEW, ["c1"], "ap1", Owner(OwnerKind.APPLICATION, "ap1")),
        (Kind.INTERVIEW, ["c1"], None, Owner(OwnerKind.APPOINTMENT, "a1")),
        (Kind.SMALL_GROUP, ["c1", "c2"], None, Owner(OwnerKind.APPOINTMENT, "a1")),
    ],
)
def test_a_recording_belongs_to_exactly_one_place(
    kind: Kind, cases: list[str], application: str | None, owner: Owner
) -> None:
    assert owner_of(kind, "a1", cases, application) == owner
