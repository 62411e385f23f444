"""The API as staff use it: signing in, registering, booking, links, and what is said when something does not fit."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.storage.tables.people import sessions
from server.storage.tables.trail import audit
from server.storage.unit_of_work import Database
from tests.world import NOW, PASSWORD, SCOPE, Browser, Browsers, World, make_world, served, services_of


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


def wish(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "counselling",
        "seeker_ids": [world.seekers["jung"].id],
        "host_ids": [world.staff["kim"].id],
        "starts_at": "2026-03-02T02:00:00Z",
        "minutes": 50,
        **changes,
    }


async def test_one_signs_in_sees_oneself_and_signs_out(browsers: Browsers, world: World) -> None:
    browser = browsers()
    assert (await browser.get("/api/session", 401))["code"] == "not_signed_in"
    await browser.sign_in("kim")
    me = await browser.get("/api/session")
    assert (me["id"], me["role"], me["tenant"]["name"]) == (world.staff["kim"].id, "counsellor", "한빛고용센터(견본)")
    await browser.expect("DELETE", "/api/session", None, 204)
    await browser.get("/api/session", 401)


async def test_the_cookie_is_opaque_and_only_its_hash_is_kept(browsers: Browsers, world: World) -> None:
    response = await browsers().send("POST", "/api/session", {"email": "KIM@example.kr ", "password": PASSWORD})
    cookie = response.cookies["ieum"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    async with world.database.read(SCOPE) as uow:
        kept = (await uow.execute(sessions.select())).all()
    assert len(kept) == 1
    assert cookie.value not in str(kept)


async def test_a_session_ends_after_twelve_hours(kim: Browser, world: World) -> None:
    world.clock.now += timedelta(hours=12)
    await kim.get("/api/session", 401)


async def test_wrong_passwords_and_unknown_accounts_sound_the_same_and_are_limited(browsers: Browsers) -> None:
    browser = browsers()
    answers = [
        await browser.post("/api/session", {"email": email, "password": "wrong password"}, 401)
        for email in ("kim@example.kr", "nobody@example.kr")
    ]
    assert {answer["code"] for answer in answers} == {"sign_in_refused"}
    for _ in range(9):
        await browser.post("/api/session", {"email": "kim@example.kr", "password": "wrong"}, 401)
    refused = await browser.post("/api/session", {"email": "kim@example.kr", "password": PASSWORD}, 429)
    assert refused["code"] == "too_many_attempts"


async def statuses(browser: Browser, *tries: tuple[str, str]) -> list[int]:
    """What these pairs of account and password, all sent at once, are answered."""
    bodies = [{"email": f"{name}@example.kr", "password": password} for name, password in tries]
    return [one.status for one in await asyncio.gather(*(browser.send("POST", "/api/session", b) for b in bodies))]


async def test_wrong_passwords_sent_all_at_once_are_tried_no_more_often_than_one_by_one(browsers: Browsers) -> None:
    answers = await statuses(browsers(), *[("kim", f"wrong {number}") for number in range(30)])
    assert (answers.count(401), answers.count(429)) == (10, 20)


async def test_accounts_guessed_all_at_once_are_limited_by_their_address(browsers: Browsers) -> None:
    answers = await statuses(browsers(), *[(f"guess{number}", "wrong") for number in range(40)])
    assert (answers.count(401), answers.count(429)) == (30, 10)


async def test_a_right_password_among_wrong_ones_signs_in_and_takes_nothing_of_the_limit(browsers: Browsers) -> None:
    wrong, right = ("kim", "wrong"), ("kim", PASSWORD)
    assert sorted(await statuses(browsers(), *[wrong] * 5, *[right] * 12, *[wrong] * 4)) == [200] * 12 + [401] * 9
    assert await statuses(browsers(), wrong) == [401]
    assert await statuses(browsers(), right) == [429]


async def test_requests_of_other_sites_change_nothing(kim: Browser, world: World) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        response = await kim.send("POST", "/api/appointments", wish(world), headers)
        assert (response.status, (await response.json())["code"]) == (403, "cross_origin")


async def test_every_answer_carries_its_protective_headers(kim: Browser) -> None:
    for path in ("/api/session", "/api/nothing", "/openapi.json", "/health/live"):
        headers = (await kim.send("GET", path)).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "camera=(self), microphone=(self), display-capture=(self)" in headers["Permissions-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-Id"]


async def test_a_seeker_is_registered_found_and_shown(kim: Browser, world: World) -> None:
    new = await kim.post("/api/seekers", {"name": " 견본\u202e  하늘 ", "phone": "010-1234-5678"}, 201)
    assert (new["name"], new["phone"]) == ("견본 하늘", "01012345678")
    assert [one["id"] for one in await kim.get("/api/seekers?q=하늘")] == [new["id"]]
    page = await kim.get(f"/api/seekers/{new['id']}")
    assert (page["responsible_id"], page["appointments"]) == (world.staff["kim"].id, [])


@pytest.mark.parametrize(
    ("name", "phone", "code"),
    [
        ("\u202e\u200b", "01012345678", "name_invalid"),
        ("가" * 1366, "01012345678", "name_invalid"),
        ("견본", "12", "phone_invalid"),
        ("견본", "0101234567a", "phone_invalid"),
    ],
)
async def test_names_and_numbers_that_are_none_are_refused(kim: Browser, name: str, phone: str, code: str) -> None:
    assert (await kim.post("/api/seekers", {"name": name, "phone": phone}, 422))["code"] == code


async def test_html_in_a_name_stays_text(kim: Browser) -> None:
    new = await kim.post("/api/seekers", {"name": "<b onclick=x>견본</b>", "phone": "01012345678"}, 201)
    assert new["name"] == "<b onclick=x>견본</b>"


async def test_booking_answers_the_card_and_the_desk_shows_it(kim: Browser, world: World) -> None:
    card = await kim.post("/api/appointments", wish(world, title="첫 상담"), 201)
    assert (card["status"], card["starts_at"], card["opens_at"]) == (
        "confirmed",
        "2026-03-02T02:00:00Z",
        "2026-03-02T01:30:00Z",
    )
    assert card["my_seat_id"] in {seat["id"] for seat in card["seats"]}
    assert await kim.get(f"/api/appointments/{card['id']}") == card
    world.clock.now = NOW + timedelta(minutes=31)
    desk = await kim.get("/api/desk")
    assert [one["id"] for one in desk["today"]] == [card["id"]]
    assert (desk["soon"], desk["waiting"], desk["zone"]) == ([card["id"]], [], "Asia/Seoul")


async def test_wall_clock_times_are_those_of_the_centre(kim: Browser, world: World) -> None:
    body = wish(world, starts_at=None, starts_local="2026-03-03T14:30")
    assert (await kim.post("/api/appointments", body, 201))["starts_at"] == "2026-03-03T05:30:00Z"


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({"starts_local": "2026-03-29T02:30", "zone": "Europe/Berlin"}, "time_does_not_exist"),
        ({"starts_local": "2026-10-25T02:30", "zone": "Europe/Berlin"}, "time_ambiguous"),
        ({"starts_local": "2026-03-03T10:00", "zone": "Asia/Nowhere"}, "time_zone_unknown"),
        ({"starts_local": "2026-03-03T10:00", "zone": "../../etc/passwd"}, "time_zone_unknown"),
        ({"starts_local": "2026-02-30T10:00"}, "time_missing"),
        ({}, "time_missing"),
        ({"starts_at": "2026-03-01T10:00:00Z"}, "starts_in_the_past"),
        ({"starts_at": "2026-03-03T10:00:00"}, "request_malformed"),
    ],
)
async def test_times_that_are_none_are_refused(kim: Browser, world: World, when: dict[str, Any], code: str) -> None:
    body = wish(world)
    del body["starts_at"]
    assert (await kim.post("/api/appointments", {**body, **when}, 422))["code"] == code


async def test_the_same_key_books_once_and_another_request_under_it_is_refused(kim: Browser, world: World) -> None:
    key = {"Idempotency-Key": "booking-1"}
    first = await kim.post("/api/appointments", wish(world), 201, **key)
    assert await kim.post("/api/appointments", wish(world), 201, **key) == first
    other = wish(world, minutes=30)
    assert (await kim.post("/api/appointments", other, 409, **key))["code"] == "idempotency_key_reused"
    assert (await kim.post("/api/appointments", wish(world), 409))["code"] in ("person_busy", "host_busy")


async def test_equal_requests_at_once_book_once(kim: Browser, world: World) -> None:
    key = {"Idempotency-Key": "booking-2"}
    cards = await asyncio.gather(*(kim.post("/api/appointments", wish(world), 201, **key) for _ in range(5)))
    assert len({card["id"] for card in cards}) == 1


async def test_a_refused_creation_does_not_use_its_key_up(kim: Browser, world: World) -> None:
    key = {"Idempotency-Key": "booking-3"}
    await kim.post("/api/appointments", wish(world, minutes=7), 422, **key)
    assert (await kim.post("/api/appointments", wish(world), 201, **key))["status"] == "confirmed"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 422, "request_malformed"),
        (b'{"kind":' + b"[" * 5000 + b"]" * 5000 + b"}", "application/json", 422, "request_malformed"),
        (b'{"a":' + b'{"a":' * 16 + b"1" + b"}" * 17, "application/json", 422, "request_malformed"),
        (b'{"name": "\xed\xa0\x80", "phone": "01012345678"}', "application/json", 422, "request_malformed"),
        (b'{"name": "x", "phone": "01012345678", "role": "admin"}', "application/json", 422, "request_malformed"),
        (b'{"name": 1, "phone": "01012345678"}', "application/json", 422, "request_malformed"),
        (b"{}", "text/plain", 415, "media_type_wrong"),
        (b" " * (64 * 1024 + 1), "application/json", 413, "too_large"),
    ],
)
async def test_bodies_that_are_none_are_refused_without_being_echoed(
    kim: Browser, body: bytes, content_type: str, status: int, code: str
) -> None:
    headers = {"Content-Type": content_type, "Origin": "http://localhost:8080"}
    response = await kim.client.post("/api/seekers", data=body, headers=headers)
    problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["code"]) == (status, code)
    assert "01012345678" not in str(problem)


async def test_unknown_paths_methods_and_ids_are_problems(kim: Browser) -> None:
    assert (await kim.get("/api/nothing", 404))["code"] == "not_found"
    assert (await kim.expect("PATCH", "/api/session", {}, 405))["code"] == "method_not_allowed"
    for appointment in ("0" * 32, "x", "..%2f..%2fetc"):
        assert (await kim.get(f"/api/appointments/{appointment}", 404))["code"] == "not_found"


async def test_move_agenda_cancel_and_the_reason_are_on_the_card(kim: Browser, world: World) -> None:
    card = await kim.post("/api/appointments", wish(world), 201)
    path = f"/api/appointments/{card['id']}"
    moved = await kim.post(f"{path}/move", {"starts_at": "2026-03-02T05:00:00Z", "minutes": 30})
    assert (moved["starts_at"], moved["ends_at"]) == ("2026-03-02T05:00:00Z", "2026-03-02T05:30:00Z")
    agenda = {"items": [{"text": "인사", "minutes": 5}, {"text": "목표", "minutes": 20}]}
    assert [item["text"] for item in (await kim.expect("PUT", f"{path}/agenda", agenda, 200))["agenda"]] == [
        "인사",
        "목표",
    ]
    cancelled = await kim.post(f"{path}/cancel", {"reason": "구직자 요청"})
    assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "구직자 요청")
    assert (await kim.post(f"{path}/cancel", {"reason": "다시"}, 409))["code"] == "appointment_wrong_state"


async def test_an_interrupted_or_missed_appointment_is_replaced_by_a_new_one(kim: Browser, world: World) -> None:
    card = await kim.post("/api/appointments", wish(world), 201)
    again = wish(world, starts_at="2026-03-03T02:00:00Z", replaces_id=card["id"])
    assert (await kim.post("/api/appointments", again, 409))["code"] == "appointment_wrong_state"
    for minute in (45, 75):
        await world.tick(NOW + timedelta(minutes=minute))
    desk = await kim.get("/api/desk")
    assert {one["who"] for one in desk["possible_no_shows"]} == {"host", "guest"}
    path = f"/api/appointments/{card['id']}"
    assert (await kim.post(f"{path}/no-show", {"who": "guest", "confirmed": True}))["status"] == "no_show"
    new = await kim.post("/api/appointments", again, 201)
    old = await kim.get(path)
    assert (old["status"], old["replaced_by_id"], new["replaces_id"]) == ("rescheduled", new["id"], card["id"])


async def test_a_dismissed_possible_no_show_leaves_the_desk(kim: Browser, world: World) -> None:
    card = await kim.post("/api/appointments", wish(world), 201)
    for minute in (45, 75):
        await world.tick(NOW + timedelta(minutes=minute))
    await kim.post(f"/api/appointments/{card['id']}/no-show", {"who": "both", "confirmed": False})
    assert (await kim.get("/api/desk"))["possible_no_shows"] == []


async def test_the_link_message_says_who_when_and_whom_to_call(kim: Browser, world: World) -> None:
    card = await kim.post("/api/appointments", wish(world), 201)
    guest = next(seat for seat in card["seats"] if not seat["staff"])
    link = await kim.post(f"/api/appointments/{card['id']}/seats/{guest['id']}/link")
    assert link["url"].startswith("http://localhost:8080/join#")
    for words in (link["url"], "견본 jung 님", "2026년 3월 2일(월) 오전 11시 00분", "0212345678"):
        assert words in link["message_ko"]
    assert "Monday 02 March 2026, 11:00 (Asia/Seoul, 50 minutes)" in link["message_en"]
    host = next(seat for seat in card["seats"] if seat["staff"])
    refused = await kim.post(f"/api/appointments/{card['id']}/seats/{host['id']}/link", None, 422)
    assert refused["code"] == "people_invalid"


async def test_one_joins_only_a_seat_of_ones_own_and_not_too_early(
    browsers: Browsers, kim: Browser, world: World
) -> None:
    card = await kim.post("/api/appointments", wish(world), 201)
    path = f"/api/appointments/{card['id']}/join"
    assert (await kim.post(path, None, 409))["code"] == "not_yet_open"
    world.clock.now = NOW + timedelta(minutes=31)
    joined = await kim.post(path)
    assert (joined["expires_at"], len(joined["ticket"])) == ("2026-03-02T01:32:00Z", 32)
    admin = await browsers().sign_in("admin")
    assert (await admin.post(path, None, 403))["code"] == "not_allowed"


async def test_the_audit_trail_says_who_did_what_from_where(kim: Browser, world: World) -> None:
    card = await kim.post("/api/appointments", wish(world), 201)
    async with world.database.read(SCOPE) as uow:
        deeds = (await uow.execute(audit.select().order_by(audit.c.id))).all()
    me = world.staff["kim"].id
    assert [(deed.action, deed.actor_id, deed.origin) for deed in deeds] == [
        ("session.opened", me, "127.0.0.1"),
        ("appointment.booked", me, "127.0.0.1"),
    ]
    assert deeds[1].object_id == card["id"]


async def test_appointments_are_listed_by_time_and_colleagues_by_name(kim: Browser, world: World) -> None:
    later = await kim.post("/api/appointments", wish(world, starts_at="2026-03-03T02:00:00Z"), 201)
    sooner = await kim.post("/api/appointments", wish(world), 201)
    span = "from=2026-03-02T00:00:00Z&to=2026-03-04T00:00:00%2B09:00"
    assert [card["id"] for card in await kim.get(f"/api/appointments?{span}")] == [sooner["id"], later["id"]]
    assert (await kim.get("/api/appointments?from=yesterday&to=2026-03-04T00:00:00Z", 422))[
        "code"
    ] == "request_malformed"
    assert {one["name"] for one in await kim.get("/api/staff")} == {"견본 kim", "견본 park"}


async def test_no_text_holds_a_nul(kim: Browser) -> None:
    assert (await kim.get("/api/seekers?q=%00", 422))["code"] == "request_malformed"
    body = {"name": "a\0b", "phone": "01012345678"}
    assert (await kim.post("/api/seekers", body, 422))["code"] == "request_malformed"
    harmless = {"name": r"C:\u0000", "phone": "01012345678"}
    assert (await kim.post("/api/seekers", harmless, 201))["name"] == r"C:\u0000"


async def test_health_tells_the_living_from_the_ready(kim: Browser) -> None:
    assert await kim.get("/health/live") == {"status": "ok"}
    assert await kim.get("/health/ready") == {"status": "ok"}
