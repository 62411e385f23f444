"""The seeker's page over the API: links of every kind, consent by the words read, rules, device check, ticket."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.actions import change_appointment
from server.actions.contact import Contact, InstallationContact
from server.actions.visit import open_link
from server.domain.appointments import Appointment, Kind, Presence, Status
from server.domain.consent import ConsentAnswer
from server.domain.organisations import Tenant, TenantKind
from server.storage.tables.trail import consent_texts
from server.storage.unit_of_work import Database
from signaling.media.ice_servers import TurnService
from signaling.media.port import MediaProbe, SeatId
from tests.waiting import database_threads_ended
from tests.world import HOUR, NOW, SCOPE, Browser, Browsers, World, make_world, new_secret, served, services_of


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
async def page(browsers: Browsers) -> Browser:
    return browsers()


async def refused(page: Browser, secret: str, status: int) -> str:
    code: str = (await page.post("/api/join", {"secret": secret}, status))["code"]
    return code


async def interview_page(world: World, page: Browser) -> Any:
    return await page.open_link(await world.link(await world.interview(), by="lead"))


async def test_an_early_guest_sees_who_and_when_and_no_other_name(world: World, page: Browser) -> None:
    group = await world.book(kind=Kind.SMALL_GROUP, seekers=("jung", "yoon"), hosts=("kim", "park"), at=NOW + 3 * HOUR)
    answer = await page.open_link(await world.link(group))
    assert answer["state"] == "early"
    assert answer["appointment"]["hosts"] == ["견본 kim", "견본 park"]
    assert (answer["appointment"]["opens_at"], answer["appointment"]["zone"]) == ("2026-03-02T03:30:00Z", "Asia/Seoul")
    assert answer["appointment"]["phone"] == "0212345678"
    assert "yoon" not in str(answer)


async def test_the_desk_sees_that_the_page_was_opened(world: World, page: Browser) -> None:
    appointment = await world.book()
    await page.open_link(await world.link(appointment))
    assert (await world.seats(appointment))["jung"].presence is Presence.CHECKING


async def test_garbled_unknown_replaced_and_expired_links_each_say_so(world: World, page: Browser) -> None:
    appointment = await world.book()
    old = await world.link(appointment)
    new = await world.link(appointment)
    assert await refused(page, old[:10], 422) == "link_garbled"
    assert await refused(page, old + "=", 422) == "link_garbled"
    assert await refused(page, "가" * 32, 422) == "link_garbled"
    assert await refused(page, "0" * 32, 404) == "link_unknown"
    assert await refused(page, old, 410) == "link_revoked"
    world.clock.now = appointment.ends_at + timedelta(days=7)
    assert await refused(page, new, 410) == "link_expired"


CENTRE = {"organisation": "한빛고용센터(견본)", "phone": "0212345678"}


async def test_a_link_that_was_once_good_still_says_whom_to_call(world: World, page: Browser) -> None:
    appointment = await world.book()
    old, new = await world.link(appointment), await world.link(appointment)
    assert (await page.post("/api/join", {"secret": old}, 410))["details"] == CENTRE
    world.clock.now = appointment.ends_at + timedelta(days=7)
    assert (await page.post("/api/join", {"secret": new}, 410))["details"] == CENTRE


async def test_a_link_that_never_was_teaches_nothing_of_what_there_is(world: World, page: Browser) -> None:
    before = await page.post("/api/join", {"secret": "0" * 32}, 404)
    await world.link(await world.book())
    after = await page.post("/api/join", {"secret": "1" * 32}, 404)
    assert "details" not in before
    assert before | {"request_id": ""} == after | {"request_id": ""}
    assert await page.get("/api/contact") == {"name": None, "phone": None}  # there are several centres


async def test_the_number_that_the_operator_has_set_is_told_to_everybody(world: World, tmp_path: Path) -> None:
    async with served(services_of(world, tmp_path, contact_phone="1350")) as browsers:
        assert await browsers().get("/api/contact") == {"name": None, "phone": "1350"}


async def test_the_only_centre_among_employers_is_whom_to_call(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    kinds = {"한빛고용센터": TenantKind.CENTRE, "누리물류": TenantKind.EMPLOYER}
    async with database.write(SCOPE) as uow:
        for number, (name, kind) in enumerate(kinds.items()):
            phone = f"021234567{number}"
            tenant = Tenant(id=f"{number}" * 32, kind=kind, name=name, phone=phone, zone="Asia/Seoul")
            await uow.rows(Tenant).add(tenant)
    assert await InstallationContact(database, "").find() == Contact(name="한빛고용센터", phone="0212345670")
    await database.close()


async def test_the_only_organisation_can_be_called_also_while_the_database_is_away(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    only = Tenant(id="a" * 32, kind=TenantKind.CENTRE, name="한빛고용센터", phone="0212345678", zone="Asia/Seoul")
    contact = InstallationContact(database, "")
    assert await contact.find() == Contact()
    async with database.write(SCOPE) as uow:
        await uow.rows(Tenant).add(only)
    assert await contact.find() == Contact(name=only.name, phone=only.phone)
    path = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    await database.close()
    path.unlink()
    path.mkdir()
    assert await contact.find() == Contact(name=only.name, phone=only.phone)
    await database.close()
    await database_threads_ended()


async def test_guessing_links_is_stopped_but_a_right_link_never_counts(world: World, browsers: Browsers) -> None:
    secret = await world.link(await world.book())
    page = browsers()
    for _ in range(15):
        await page.open_link(secret)
    for _ in range(10):
        assert await refused(page, "0" * 32, 404) == "link_unknown"
    assert await refused(page, "0" * 32, 429) == "too_many_attempts"


async def test_a_reissued_link_ends_the_pages_of_the_old_one(world: World, page: Browser) -> None:
    appointment = await world.book()
    await page.open_link(await world.link(appointment))
    await page.get("/api/visit")
    await world.link(appointment)
    assert (await page.get("/api/visit", 401))["code"] == "visit_over"


async def test_a_page_that_was_opened_days_before_still_opens_the_door_and_ends_a_day_after_it(
    world: World, page: Browser
) -> None:
    starts_at = NOW + 72 * HOUR
    await page.open_link(await world.link(await world.book(at=starts_at)))
    for world.clock.now in (starts_at, starts_at + 24 * HOUR):
        await page.get("/api/visit")
    world.clock.now = starts_at + 26 * HOUR
    assert (await page.get("/api/visit", 401))["code"] == "visit_over"


async def test_cancelled_ended_and_missed_are_states_of_the_page_with_the_number_to_call(
    world: World, page: Browser
) -> None:
    appointment = await world.book()
    await page.open_link(await world.link(appointment))
    async with world.database.write(world.scope("kim")) as uow:
        await change_appointment.cancel(uow, appointment.id, "상담사 사정", NOW)
    answer = await page.get("/api/visit")
    assert (answer["state"], answer["appointment"]["cancel_reason"]) == ("cancelled", "상담사 사정")
    assert (await page.post("/api/visit/ticket", None, 410))["code"] == "appointment_cancelled"


async def test_counselling_is_not_recorded_and_asks_nothing(world: World, page: Browser) -> None:
    answer = await page.open_link(await world.link(await world.book()))
    assert answer["consent"]["recording"] is False
    assert (answer["consent"]["items"], answer["consent"]["answers"]) == ([], {})


async def test_each_item_says_purpose_data_recipients_until_and_that_refusing_has_no_disadvantage(
    world: World, page: Browser
) -> None:
    consent = (await interview_page(world, page))["consent"]
    assert [item["item"] for item in consent["items"]] == ["sound", "picture", "centre_sharing"]
    for item in consent["items"]:
        for language in ("ko", "en"):
            assert all(item[language][part] for part in ("title", "purpose", "data", "recipients", "until", "refusing"))
    sound, _, sharing = consent["items"]
    assert "누리물류(견본)" in sound["ko"]["recipients"]
    assert "불이익이 없으며" in sound["ko"]["refusing"]
    assert "다른 사람의 마이크" in sound["ko"]["note"]
    assert "한빛고용센터(견본)" in sharing["ko"]["recipients"]


async def test_answers_are_kept_change_and_are_withdrawn(world: World, page: Browser) -> None:
    consent = (await interview_page(world, page))["consent"]
    assert set(consent["answers"].values()) == {"unanswered"}
    version = consent["text_version"]
    first = {"sound": "granted", "picture": "refused"}
    after = await page.post("/api/visit/consents", {"text_version": version, "answers": first, "lang": "ko"})
    assert after["consent"]["answers"] == {"sound": "granted", "picture": "refused", "centre_sharing": "unanswered"}
    world.clock.now += timedelta(minutes=1)
    await page.post("/api/visit/consents", {"text_version": version, "answers": {"sound": "withdrawn"}})
    assert (await page.get("/api/visit"))["consent"]["answers"]["sound"] == "withdrawn"
    async with world.database.read(SCOPE) as uow:
        assert len(await uow.rows(ConsentAnswer).where()) == 3
        texts = (await uow.execute(consent_texts.select())).all()
    assert [text.version for text in texts] == [version]


async def test_an_answer_to_words_that_have_changed_is_refused_and_the_old_one_no_longer_counts(
    world: World, page: Browser
) -> None:
    version = (await interview_page(world, page))["consent"]["text_version"]
    granted = {"text_version": version, "answers": {"sound": "granted"}}
    await page.post("/api/visit/consents", granted)
    async with world.database.write(SCOPE) as uow:
        await uow.rows(Tenant).save(replace(world.tenants["employer"], name="누리물류 주식회사(견본)"))
    refusal = await page.post("/api/visit/consents", granted, 409)
    now = (await page.get("/api/visit"))["consent"]
    assert (refusal["code"], refusal["details"]["text_version"]) == ("consent_text_changed", now["text_version"])
    assert now["answers"]["sound"] == "unanswered"


async def test_what_is_not_asked_cannot_be_answered(world: World, page: Browser) -> None:
    consent = (await page.open_link(await world.link(await world.book())))["consent"]
    body = {"text_version": consent["text_version"], "answers": {"sound": "granted"}}
    assert (await page.post("/api/visit/consents", body, 409))["code"] == "consent_item_unknown"
    body = {"text_version": consent["text_version"], "answers": {"soul": "granted"}}
    assert (await page.post("/api/visit/consents", body, 422))["code"] == "request_malformed"


async def test_group_rules_are_accepted_once_with_a_name_of_ones_choice(world: World, page: Browser) -> None:
    group = await world.book(
        kind=Kind.SMALL_GROUP, seekers=("jung", "yoon"), hosts=("kim",), at=NOW + timedelta(minutes=20)
    )
    assert (await page.open_link(await world.link(group)))["rules"] == {"required": True, "accepted_at": None}
    assert (await page.post("/api/visit/ticket", None, 409))["code"] == "rules_not_accepted"
    after = await page.post("/api/visit/rules", {"accepted": True, "display_name": " 하늘\u202e "})
    assert (after["display_name"], after["name"]) == ("하늘", "견본 jung")
    assert after["rules"]["accepted_at"] == "2026-03-02T01:00:00Z"
    assert (await page.post("/api/visit/rules", {"accepted": False}, 422))["code"] == "request_malformed"
    too_long = {"accepted": True, "display_name": "가" * 1366}
    assert (await page.post("/api/visit/rules", too_long, 422))["code"] == "name_invalid"
    assert len((await page.post("/api/visit/ticket"))["ticket"]) == 32


async def test_the_device_check_is_kept_for_the_desk(world: World, page: Browser, browsers: Browsers) -> None:
    appointment = await world.book()
    await page.open_link(await world.link(appointment))
    found = {"camera": "denied", "microphone": "ok", "speaker": "skipped", "connection": "ok"}
    await page.post("/api/visit/device-check", found, 204)
    kim = await browsers().sign_in("kim")
    seats = (await kim.get(f"/api/appointments/{appointment.id}"))["seats"]
    assert next(seat for seat in seats if not seat["staff"])["device_check"]["camera"] == "denied"


async def test_the_device_check_learns_where_to_try_media_and_gets_a_relay_of_its_seat(
    world: World, tmp_path: Path
) -> None:
    probe = MediaProbe("ufrag", "password", ("192.0.2.10",), 42000)
    relay = TurnService(("turns:turn.example:443?transport=tcp",), "a secret", 600)
    services = services_of(world, tmp_path, media_probe=lambda: probe, ice_servers=relay.ice_servers)
    appointment = await world.book()
    async with served(services) as browser:
        page = browser()
        await page.open_link(await world.link(appointment))
        told = await page.get("/api/visit/connection")
        assert told["probe"] == {"ufrag": "ufrag", "password": "password", "hosts": ["192.0.2.10"], "port": 42000}
        (server,) = told["ice_servers"]
        seat = next(place for place in (await world.seats(appointment)).values() if not place.staff)
        assert server == relay.ice_servers(SeatId(seat.id), NOW).servers[0]


async def test_without_a_node_or_a_relay_there_is_nothing_to_try(world: World, page: Browser) -> None:
    await page.open_link(await world.link(await world.book()))
    assert await page.get("/api/visit/connection") == {"probe": None, "ice_servers": []}


async def test_a_ticket_waits_for_the_room_to_open_and_ends_with_it(world: World, page: Browser) -> None:
    appointment = await world.book()
    await page.open_link(await world.link(appointment))
    early = await page.post("/api/visit/ticket", None, 409)
    assert (early["code"], early["details"]) == ("not_yet_open", {"opens_at": "2026-03-02T01:30:00+00:00"})
    world.clock.now = appointment.opens_at
    assert (await page.get("/api/visit"))["state"] == "open"
    assert (await page.post("/api/visit/ticket"))["expires_at"] == "2026-03-02T01:31:00Z"
    world.clock.now = appointment.ends_at + timedelta(hours=2)
    assert (await page.post("/api/visit/ticket", None, 410))["code"] == "appointment_ended"


async def test_the_page_afterwards_names_what_was_kept_and_the_next_date(world: World, page: Browser) -> None:
    await world.book(at=NOW + 48 * HOUR)
    await page.open_link(await world.link(await world.book()))
    after = await page.get("/api/visit/after")
    assert after == {"recorded": False, "kept": [], "next_starts_at": "2026-03-04T01:00:00Z"}


async def test_the_next_guest_is_told_that_the_host_runs_late_until_the_one_before_has_ended(
    world: World, page: Browser
) -> None:
    before = await world.book(seekers=("yoon",), at=NOW + HOUR)
    mine = await world.book(at=NOW + 2 * HOUR)
    await page.open_link(await world.link(mine))
    async with world.database.write(SCOPE) as uow:
        await uow.rows(Appointment).save(replace(before, status=Status.IN_PROGRESS))
    assert (await page.get("/api/visit"))["appointment"]["host_runs_late"] is False
    world.clock.now = before.ends_at
    assert (await page.get("/api/visit"))["appointment"]["host_runs_late"] is True
    async with world.database.write(SCOPE) as uow:
        await uow.rows(Appointment).save(replace(before, status=Status.COMPLETED))
    assert (await page.get("/api/visit"))["appointment"]["host_runs_late"] is False


async def test_a_visit_token_opens_nothing_of_the_staffs_and_a_session_nothing_of_a_seekers(
    world: World, page: Browser, browsers: Browsers
) -> None:
    await page.open_link(await world.link(await world.book()))
    assert (await page.get("/api/desk", 401))["code"] == "not_signed_in"
    kim = await browsers().sign_in("kim")
    assert (await kim.get("/api/visit", 401))["code"] == "visit_over"


async def test_only_hashes_of_secrets_are_stored(world: World) -> None:
    appointment = await world.book()
    secret = await world.link(appointment)
    async with world.database.write(SCOPE) as uow:
        visit_secret, _ = await open_link(uow, secret, NOW, new_secret)
    await world.database.close()
    path = Path(str(world.database.url.database))
    stored = b"".join(file.read_bytes() for file in path.parent.glob("ieum.db*"))
    assert secret.encode() not in stored
    assert visit_secret.encode() not in stored
