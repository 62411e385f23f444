"""How stories get two people into a room."""

from dataclasses import dataclass

from playwright.async_api import Browser

from tests.e2e.desk import Desk
from tests.e2e.people import Host, Seeker, host, seeker
from tests.e2e.product import Product


@dataclass
class Meeting:
    """A counsellor and a seeker in one room."""

    appointment: str
    link: str
    counsellor: Host
    seeker: Seeker


async def booked(desk: Desk, name: str, *, recording: bool = False) -> tuple[str, str]:
    """A counselling session that can be joined now: the appointment's id and the seeker's link."""
    person = await desk.seeker(name)
    appointment = await desk.book("counselling", person, recording=recording)
    return appointment["id"], await desk.link(appointment, person)


async def meeting(
    product: Product,
    browser: Browser,
    desk: Desk,
    counsellor: str,
    name: str,
    *,
    recording: bool = False,
    seekers_browser: Browser | None = None,
) -> Meeting:
    """Book, open the link, consent where it is asked, wait, admit; both are in the room."""
    appointment, link = await booked(desk, name, recording=recording)
    kim, song = await host(browser), await seeker(seekers_browser or browser)
    await song.open(link)
    if recording:
        await song.answer_consents("동의합니다")
    await song.pass_device_check()
    await song.waits()
    await kim.sign_in(product, counsellor)
    await kim.enter(product, appointment)
    await kim.admit(name)
    await kim.sees_moving(name)
    await song.sees_moving(counsellor)
    return Meeting(appointment, link, kim, song)
