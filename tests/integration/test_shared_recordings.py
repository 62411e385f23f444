"""Whose a recording and its summary are: the employer's, a centre's by consent, and of a group nobody's own."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from server.actions.case_file import read_case
from server.actions.consents import asked, give_answers
from server.actions.recordings import RecordingView, read_recording
from server.actions.summaries import approve_summary, edit_summary, read_summary
from server.domain.appointments import Appointment, Kind
from server.domain.cases import Case, CaseEntry
from server.domain.consent import Answer, Item
from server.domain.errors import NotFound
from server.domain.people import Language
from server.domain.summaries import LineEdit, Summary
from server.storage.unit_of_work import Database
from tests.journal import Journal
from tests.studio import Studio, a_studio
from tests.world import NOW, SCOPE, new_id


@pytest.fixture
async def studio(database: Database, tmp_path: Path) -> Studio:
    return await a_studio(database, tmp_path)


async def test_an_interview_belongs_to_the_employer_and_enters_the_case_only_with_consent(studio: Studio) -> None:
    world = studio.world
    for answer, entered in ((Answer.REFUSED, 0), (Answer.GRANTED, 2)):
        at = NOW + timedelta(hours=3 if entered else 5)
        world.clock.now = NOW
        interview = await shared_with_the_centre(studio, answer, await world.interview(at=at, recording=True))
        await studio.recorded(interview, "lead", "jung")
        await studio.work()
        mine = [one for one in await studio.all(CaseEntry) if one.appointment_id == interview.id]
        assert len(mine) == entered


async def shared_with_the_centre(studio: Studio, answer: Answer, interview: Appointment | None = None) -> Appointment:
    """An interview whose seeker says this to sharing it with the centre."""
    interview = interview or await studio.world.interview(recording=True)
    seat = (await studio.world.seats(interview))["jung"]
    async with studio.world.database.write(SCOPE) as uow:
        shown = await asked(uow, interview)
        answers = {Item.CENTRE_SHARING: answer}
        await give_answers(uow, interview, seat, shown.version, answers, Language.KO, NOW)
    return interview


async def recording_seen_by(studio: Studio, name: str, journal: Journal) -> RecordingView:
    async with studio.world.database.write(studio.world.scope(name)) as uow:
        return await read_recording(uow, journal.call_id, studio.world.clock())


async def case_seen_by(studio: Studio, name: str) -> list[tuple[str, str]]:
    (case,) = await studio.all(Case)
    async with studio.world.database.write(studio.world.scope(name)) as uow:
        entries = (await read_case(uow, case.id, studio.world.clock(), "")).entries
    return sorted((entry.kind, entry.status) for entry in entries)


async def test_a_centre_gets_a_shared_interviews_recording_and_none_of_the_panels_own_marks(studio: Studio) -> None:
    journal = await studio.recorded(await shared_with_the_centre(studio, Answer.GRANTED), "lead", "jung")
    await studio.work()
    own, shared = [await recording_seen_by(studio, name, journal) for name in ("lead", "kim")]
    assert [mark.text for mark in own.marks] == ["목표"]
    assert (own.job is None, own.summary_job is None) == (False, False)
    assert (shared.tracks, shared.gaps, shared.duration_s) == (own.tracks, own.gaps, own.duration_s)
    assert shared.tracks
    assert (shared.marks, shared.job, shared.summary_job, shared.summary_id) == ((), None, None, None)


async def test_a_shared_interviews_summary_is_the_centres_only_while_it_is_approved(studio: Studio) -> None:
    journal = await studio.recorded(await shared_with_the_centre(studio, Answer.GRANTED), "lead", "jung")
    await studio.work()
    (summary,) = await studio.all(Summary)
    lead, kim, now = studio.world.scope("lead"), studio.world.scope("kim"), studio.world.clock()

    async def is_the_centres() -> bool:
        async with studio.world.database.write(kim) as uow:
            with suppress(NotFound):
                await read_summary(uow, summary.id, now, "")
                return True
        return False

    assert not await is_the_centres()
    assert await case_seen_by(studio, "kim") == [("recording", "available")]
    async with studio.world.database.write(lead) as uow:
        await approve_summary(uow, summary.id, summary.version, lead, now)
    assert await is_the_centres()
    assert (await recording_seen_by(studio, "kim", journal)).summary_id == summary.id
    assert (await recording_seen_by(studio, "kim", journal)).marks == ()
    assert await case_seen_by(studio, "kim") == [("recording", "available"), ("summary", "approved")]
    async with studio.world.database.write(lead) as uow:
        await edit_summary(uow, summary.id, [LineEdit(None, "고침", "Changed")], summary.version, lead, new_id, now)
    assert not await is_the_centres()
    assert (await recording_seen_by(studio, "kim", journal)).summary_id is None
    assert await case_seen_by(studio, "kim") == [("recording", "available")]


async def test_sharing_that_is_taken_back_closes_the_centres_view_at_once(studio: Studio) -> None:
    interview = await shared_with_the_centre(studio, Answer.GRANTED)
    journal = await studio.recorded(interview, "lead", "jung")
    await studio.work()
    assert (await recording_seen_by(studio, "kim", journal)).tracks
    await shared_with_the_centre(studio, Answer.WITHDRAWN, interview)
    with pytest.raises(NotFound):
        await recording_seen_by(studio, "kim", journal)
    assert await studio.all(CaseEntry) == []
    assert (await recording_seen_by(studio, "lead", journal)).tracks


async def test_a_groups_recording_enters_nobodys_case(studio: Studio) -> None:
    group = await studio.world.book("kim", Kind.SMALL_GROUP, ("jung", "yoon"), ("kim",), recording=True)
    journal = await studio.recorded(group, "kim", "jung")
    await studio.work()
    assert (await studio.recording(journal)).owner.id == group.id
    assert len(await studio.all(Summary)) == 1
    assert await studio.all(CaseEntry) == []
