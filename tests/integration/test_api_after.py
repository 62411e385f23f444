"""After the conversation, over the API: notes, attendance, what came of it, the case file."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.actions.begin_notes import begin_notes
from server.domain.appointments import Appointment, Kind
from server.storage.tables.trail import audit
from server.storage.trail import READS_AGAIN
from server.storage.unit_of_work import Database
from tests.journal import Journal, opened
from tests.world import HOUR, NOW, SCOPE, Browser, Browsers, World, make_world, new_id, served, services_of

START = NOW + HOUR
END = START + timedelta(minutes=50)


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    database = Database(sqlite_url)
    yield await make_world(database)
    await database.close()


@pytest.fixture
async def browsers(world: World, tmp_path: Path) -> AsyncIterator[Browsers]:
    async with served(services_of(world, tmp_path)) as browser:
        yield browser


@pytest.fixture
async def kim(browsers: Browsers) -> Browser:
    return await browsers().sign_in("kim")


async def deeds(world: World, action: str) -> list[Any]:
    async with world.database.read(SCOPE) as uow:
        return list((await uow.execute(audit.select().where(audit.c.action == action))).all())


async def counselled(world: World) -> tuple[Appointment, Journal]:
    """A counselling of fifty minutes, ended by the host."""
    appointment = await world.book()
    journal = await opened(world, appointment)
    await journal.attend("kim", START, 50)
    await journal.attend("jung", START, 50)
    await journal.tell(END, "call_ended", by=journal.seats["kim"].id, cause="host")
    world.clock.now = END
    return appointment, journal


async def a_note(kim: Browser, world: World, appointment: Appointment, seeker: str = "jung") -> Any:
    body = {"seeker_id": world.seekers[seeker].id}
    return await kim.post(f"/api/appointments/{appointment.id}/notes", body)


async def test_what_one_jots_down_in_the_call_is_ones_own_and_begins_the_session_note(
    kim: Browser, browsers: Browsers, world: World
) -> None:
    appointment = await world.book(hosts=("kim", "park"))
    path = f"/api/appointments/{appointment.id}/notes/mine"
    await kim.expect("PUT", path, {"text": "자격증 준비 중\n다음에 확인"}, 200)
    assert (await kim.get(path))["text"] == "자격증 준비 중\n다음에 확인"
    assert (await (await browsers().sign_in("park")).get(path))["text"] == ""
    note = await a_note(kim, world, appointment)
    assert (note["text"], note["status"], note["version"]) == ("자격증 준비 중\n다음에 확인", "draft", 1)
    await kim.expect("PUT", path, {"text": "끝난 뒤 고침"}, 200)
    assert (await kim.get(f"/api/notes/{note['id']}"))["text"] == "끝난 뒤 고침"


async def test_reading_what_one_jotted_down_is_written_down_once_in_a_while_and_not_while_there_is_nothing(
    kim: Browser, world: World
) -> None:
    appointment = await world.book()
    path = f"/api/appointments/{appointment.id}/notes/mine"
    await kim.get(path)
    assert await deeds(world, "room_note.read") == []
    await kim.expect("PUT", path, {"text": "자격증 준비 중"}, 200)
    for _ in range(3):  # the room loads it again with every return
        await kim.get(path)
    (row,) = await deeds(world, "room_note.read")
    assert (row.actor_id, row.object_id, row.origin) == (world.staff["kim"].id, appointment.id, "127.0.0.1")
    assert row.subject_id == world.seekers["jung"].id
    world.clock.now += READS_AGAIN
    await kim.get(path)
    assert len(await deeds(world, "room_note.read")) == 2


async def test_a_note_is_drafted_signed_entered_in_the_case_and_then_only_amended(kim: Browser, world: World) -> None:
    appointment, _ = await counselled(world)
    note = await a_note(kim, world, appointment)
    path = f"/api/notes/{note['id']}"
    saved = await kim.expect("PUT", path, {"text": "목표를 정함", "version": 1}, 200)
    stale = await kim.expect("PUT", path, {"text": "둘째 창", "version": 1}, 409)
    assert stale["code"] == "note_changed_elsewhere"
    signed = await kim.post(f"{path}/sign", {"version": saved["version"]})
    assert (signed["status"], signed["locked"]) == ("signed", True)
    assert (await kim.expect("PUT", path, {"text": "x", "version": 2}, 409))["code"] == "note_locked"
    amended = await kim.post(f"{path}/amend", {"text": "전화번호 바뀜", "reason": "빠뜨림"})
    assert (amended["status"], amended["text"]) == ("amended", "목표를 정함")
    assert [(one["number"], one["text"]) for one in amended["amendments"]] == [(1, "전화번호 바뀜")]
    case = await kim.get(f"/api/cases/{note['case_id']}")
    assert [(one["kind"], one["status"]) for one in case["entries"] if one["kind"] == "note"] == [("note", "amended")]


async def test_every_reading_of_a_note_leaves_its_row(kim: Browser, world: World) -> None:
    appointment, _ = await counselled(world)
    note = await a_note(kim, world, appointment)
    before = len(await deeds(world, "note.read"))
    await kim.get(f"/api/notes/{note['id']}")
    rows = await deeds(world, "note.read")
    assert len(rows) == before + 1
    assert (rows[-1].actor_id, rows[-1].subject_id) == (world.staff["kim"].id, world.seekers["jung"].id)


async def test_a_draft_is_hidden_from_colleagues_and_a_signed_note_opens_to_the_one_responsible(
    kim: Browser, browsers: Browsers, world: World
) -> None:
    appointment = await world.book(by="park", seekers=("bae",), hosts=("park", "kim"))
    note = await a_note(kim, world, appointment, "bae")
    park = await browsers().sign_in("park")
    await park.get(f"/api/notes/{note['id']}", 404)
    await kim.expect("PUT", f"/api/notes/{note['id']}", {"text": "의견", "version": 1}, 200)
    await kim.post(f"/api/notes/{note['id']}/sign", {"version": 2})
    assert (await park.get(f"/api/notes/{note['id']}"))["text"] == "의견"
    assert (await park.post(f"/api/notes/{note['id']}/amend", {"text": "x", "reason": "y"}, 403))["code"] == (
        "note_not_the_author"
    )
    await (await browsers().sign_in("other")).get(f"/api/notes/{note['id']}", 404)
    await (await browsers().sign_in("admin")).get(f"/api/notes/{note['id']}", 403)


async def test_hostile_text_is_kept_as_text(kim: Browser, world: World) -> None:
    appointment, _ = await counselled(world)
    note = await a_note(kim, world, appointment)
    body = {"text": "<script>1</script>\u0007\u202eabc", "version": 1}
    saved = await kim.expect("PUT", f"/api/notes/{note['id']}", body, 200)
    assert saved["text"] == "<script>1</script>abc"


async def test_attendance_is_proposed_from_presence_and_confirmed_by_exception(kim: Browser, world: World) -> None:
    appointment = await world.book("admin", Kind.SMALL_GROUP, seekers=("jung", "yoon", "bae"), hosts=("kim", "park"))
    journal = await opened(world, appointment)
    await journal.attend("kim", START, 50)
    await journal.attend("jung", START, 50)
    await journal.attend("yoon", START + timedelta(minutes=15), 35)
    path = f"/api/appointments/{appointment.id}/attendance"
    assert (await kim.expect("PUT", path, {"exceptions": []}, 409))["code"] == "appointment_wrong_state"
    await journal.tell(END, "call_ended", by=journal.seats["kim"].id, cause="host")
    world.clock.now = END
    proposed = await kim.get(path)
    assert {p["name"]: (p["proposed"], p["minutes"], p["status"]) for p in proposed["people"]} == {
        "견본 jung": ("present", 50, None),
        "견본 yoon": ("late", 35, None),
        "견본 bae": ("absent_unexcused", 0, None),
    }
    bae = {"person_id": world.seekers["bae"].id, "status": "absent_excused", "reason": "병원 진료"}
    without_reason = await kim.expect("PUT", path, {"exceptions": [{**bae, "reason": " "}]}, 422)
    assert without_reason["code"] == "attendance_reason_missing"
    confirmed = await kim.expect("PUT", path, {"exceptions": [bae]}, 200)
    assert [p["status"] for p in sorted(confirmed["people"], key=lambda p: p["name"])] == [
        "absent_excused",
        "present",
        "late",
    ]
    again = await kim.expect("PUT", path, {"exceptions": []}, 200)
    assert next(p["status"] for p in again["people"] if p["name"] == "견본 bae") == "absent_unexcused"


async def test_a_group_leaves_each_seeker_one_entry_with_nothing_of_the_others(
    kim: Browser, browsers: Browsers, world: World
) -> None:
    appointment = await world.book("admin", Kind.SMALL_GROUP, seekers=("jung", "bae"), hosts=("kim", "park"))
    journal = await opened(world, appointment)
    await journal.attend("jung", START, 50)
    await journal.attend("bae", START, 50)
    await journal.tell(END, "call_ended", by=journal.seats["kim"].id, cause="host")
    world.clock.now = END
    for _ in range(2):
        await kim.expect("PUT", f"/api/appointments/{appointment.id}/attendance", {"exceptions": []}, 200)
    note = await a_note(kim, world, appointment)
    case = await kim.get(f"/api/cases/{note['case_id']}")
    assert [one["status"] for one in case["entries"] if one["kind"] == "attendance"] == ["present"]
    assert "bae" not in str(case)
    # A shared meeting does not open another counsellor's case.
    bae_note = await a_note(kim, world, appointment, "bae")
    await kim.get(f"/api/cases/{bae_note['case_id']}", 404)
    park = await browsers().sign_in("park")
    assert (await park.get(f"/api/cases/{bae_note['case_id']}"))["seeker"]["name"] == "견본 bae"


async def test_people_of_a_meeting_held_before_its_booked_start_are_not_proposed_as_absent(
    kim: Browser, world: World
) -> None:
    appointment = await world.book("admin", Kind.SMALL_GROUP, seekers=("jung", "yoon"), hosts=("kim",))
    journal = await opened(world, appointment)
    early = START - timedelta(minutes=25)
    await journal.attend("kim", early, 15)
    await journal.attend("jung", early, 15)
    await world.tick(START + timedelta(minutes=10))  # empty for long enough
    world.clock.now = END
    proposed = await kim.get(f"/api/appointments/{appointment.id}/attendance")
    assert proposed["over"]
    assert {p["name"]: (p["proposed"], p["minutes"]) for p in proposed["people"]} == {
        "견본 jung": ("present", 15),
        "견본 yoon": ("absent_unexcused", 0),
    }


async def test_an_interview_shows_its_attendance_in_the_seekers_case_and_nothing_else(
    kim: Browser, browsers: Browsers, world: World
) -> None:
    counselling, _ = await counselled(world)
    case_id = (await a_note(kim, world, counselling))["case_id"]
    interview = await world.interview(at=END + HOUR)
    journal = await opened(world, interview)
    await journal.attend("jung", interview.starts_at, 50)
    await journal.tell(interview.ends_at, "call_ended", by=journal.seats["lead"].id, cause="host")
    world.clock.now = interview.ends_at
    lead = await browsers().sign_in("lead")
    await lead.expect("PUT", f"/api/appointments/{interview.id}/attendance", {"exceptions": []}, 200)
    entries = (await kim.get(f"/api/cases/{case_id}"))["entries"]
    assert [one["kind"] for one in entries if one["appointment_id"] == interview.id] == ["attendance"]


async def test_the_roster_tells_who_has_come(kim: Browser, world: World) -> None:
    appointment = await world.book("admin", Kind.SMALL_GROUP, seekers=("jung", "yoon"), hosts=("kim",))
    journal = await opened(world, appointment)
    await journal.presence(START, "jung", "waiting")
    roster = await kim.get(f"/api/appointments/{appointment.id}/roster")
    assert {one["name"]: one["presence"] for one in roster["people"]} == {
        "견본 jung": "waiting",
        "견본 yoon": "invited",
    }


async def test_the_page_after_a_call_says_what_was_agreed_and_what_is_left_to_do(kim: Browser, world: World) -> None:
    appointment, journal = await counselled(world)
    kim_seat = journal.seats["kim"].id
    await journal.tell(END, "next_step_added", id="s1", by=kim_seat, text="이력서 고치기", due="2026-03-09")
    await journal.tell(END, "next_step_added", id="s2", by=kim_seat, text="지울 것", due=None)
    await journal.tell(END, "next_step_removed", id="s2", by=kim_seat)
    note = await a_note(kim, world, appointment)
    following = await world.book(at=END + 24 * HOUR)
    after = await kim.get(f"/api/appointments/{appointment.id}/after")
    assert [(one["text"], one["due"]) for one in after["next_steps"]] == [("이력서 고치기", "2026-03-09")]
    await kim.get(f"/api/appointments/{appointment.id}/after")  # again at once, as when news come
    (row,) = await deeds(world, "next_steps.read")
    kim_id, seeker_id = world.staff["kim"].id, world.seekers["jung"].id
    assert (row.actor_id, row.object_id, row.subject_id) == (kim_id, appointment.id, seeker_id)
    assert [(one["id"], one["status"]) for one in after["notes"]] == [(note["id"], "draft")]
    assert (after["attendance_confirmed"], after["recording"], after["case_id"]) == (False, None, note["case_id"])
    assert after["next_appointment"]["id"] == following.id


async def test_the_leading_host_finds_a_note_begun_for_everybody_who_came(
    kim: Browser, browsers: Browsers, world: World
) -> None:
    appointment = await world.book("admin", Kind.SMALL_GROUP, ("jung", "yoon", "bae"), ("kim", "park"))
    journal = await opened(world, appointment, [begin_notes(new_id)])
    await journal.attend("jung", START, 50)
    await journal.attend("yoon", START, 50)
    await journal.tell(END, "call_ended", by=journal.seats["kim"].id, cause="host")
    path = f"/api/appointments/{appointment.id}/after"
    assert [one["seeker"]["name"] for one in (await kim.get(path))["notes"]] == ["견본 jung", "견본 yoon"]
    assert (await (await browsers().sign_in("park")).get(path))["notes"] == []


async def test_the_desk_lists_what_is_unsigned_and_unjudged(kim: Browser, browsers: Browsers, world: World) -> None:
    appointment, _ = await counselled(world)
    note = await a_note(kim, world, appointment)
    desk = await kim.get("/api/desk")
    assert [(one["id"], one["name"]) for one in desk["unsigned_notes"]] == [(note["id"], "견본 jung")]
    interview = await world.interview(at=END + HOUR)
    journal = await opened(world, interview)
    await journal.presence(interview.starts_at, "lead", "connected")
    await journal.attend("jung", interview.starts_at, 50)
    await journal.tell(interview.ends_at, "call_ended", by=journal.seats["lead"].id, cause="host")
    panel = await browsers().sign_in("panel")
    due = (await panel.get("/api/desk"))["scorecards_due"]
    assert [(one["appointment_id"], one["name"]) for one in due] == [(interview.id, "견본 jung")]
