"""On a narrow line a group is heard; of its pictures the others go first, who signs is kept, and all come back."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.bad_network.line import behind
from tests.bad_network.profiles import profiles
from tests.e2e.people import WITHIN_MS, Person
from tests.e2e.signing_group import OTHERS, SEEN_BY_SEEKER, SIGNER, see_all, signing_group
from tests.media_site import until_true
from tests.received import Received

pytestmark = pytest.mark.usefixtures("networks")

STRETCH_SAMPLES = 48_000 * 4  # four seconds of sound
CONCEALED_AT_MOST = 0.2  # of the sound: cores that others use make some of their own
PAUSED = "인터넷 연결이 약해 소리만 받고 있습니다"


async def test_on_300_kbit_all_are_heard_who_signs_is_kept_larger_than_others_and_all_pictures_come_back(
    tmp_path: Path, chromium_path: str
) -> None:
    with behind(profiles()["home-wifi"]) as line:
        async with signing_group(line, tmp_path, chromium_path) as group:
            line.change(profiles()["300-kbit"])
            await group.seeker.sees(PAUSED)
            await sees_the_signer_best(group.seeker)
            for person in (group.seeker, group.counsellor):
                await hears_well(person)
            line.change(profiles()["home-wifi"])
            await see_all(group.seeker, SEEN_BY_SEEKER)
            await expect(group.seeker.page.get_by_text(PAUSED)).to_have_count(0, timeout=WITHIN_MS)
            await group.counsellor.leave_room("모두 끝내기")


async def sees_the_signer_best(person: Person) -> None:
    """Wait until the signer's picture moves while those of the others are smaller, or off."""
    async with asyncio.timeout(2 * WITHIN_MS / 1000):
        while True:
            before, now = await stretch(person)
            shown = now.shown_since(before)
            if SIGNER in shown and all(shown.get(other, 0) < shown[SIGNER] for other in OTHERS):
                return


async def hears_well(person: Person) -> None:
    """Packets of sound go on coming, and hardly anything of the loudest voice has to be made up."""
    before, now = [received.voice for received in await stretch(person)]
    assert now.bytes > before.bytes
    assert now.concealed - before.concealed < CONCEALED_AT_MOST * (now.samples - before.samples)


async def stretch(person: Person) -> tuple[Received, Received]:
    """What the page has received now, and once some seconds of sound have been played since."""
    before = now = await Received.by(person.page)

    async def is_over() -> bool:
        nonlocal now
        now = await Received.by(person.page)
        return now.voice.samples > before.voice.samples + STRETCH_SAMPLES

    await until_true(is_over, WITHIN_MS / 1000)
    return before, now
