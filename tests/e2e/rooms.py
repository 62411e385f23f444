"""How stories get two people into a room."""

from dataclasses import dataclass

from playwright.async_api import Browser, expect

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
    booking = await booked(desk, name, recording=recording)
    kim, song = await host(browser), await seeker(seekers_browser or browser)
    return await come_together(product, booking, (kim, counsellor), (song, name), recording=recording)


async def come_together(
    product: Product,
    booking: tuple[str, str],
    counsellor: tuple[Host, str],
    seeker: tuple[Seeker, str],
    *,
    recording: bool = False,
) -> Meeting:
    """The same for people whose pages are open already, and who are given with their names."""
    (appointment, link), (kim, kims_name), (song, songs_name) = booking, counsellor, seeker
    await song.open(link)
    if recording:
        await song.answer_consents("동의합니다")
    await song.pass_device_check()
    await song.waits()
    await kim.sign_in(product, kims_name)
    await kim.enter(product, appointment)
    await kim.admit(songs_name)
    await kim.sees_moving(songs_name)
    await song.sees_moving(kims_name)
    return Meeting(appointment, link, kim, song)


async def together_again(room: Meeting, counsellor: str, name: str) -> None:
    """Wait until both see each other move, and nobody has to be admitted for it."""
    await room.counsellor.sees_moving(name)
    await room.seeker.sees_moving(counsellor)
    await expect(room.counsellor.page.get_by_text("님이 기다리고 있습니다")).to_have_count(0)
