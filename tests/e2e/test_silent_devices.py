"""A microphone or camera that seems to work while nothing of it reaches the room: told, repaired, never in vain."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS
from tests.e2e.product import Product
from tests.e2e.rooms import meeting

# Keeps what the page sends with, so that a test can take the track away behind its back.
REMEMBER = """
const add = RTCPeerConnection.prototype.addTransceiver;
window.senders = {};
RTCPeerConnection.prototype.addTransceiver = function (track, ...more) {
    const made = add.call(this, track, ...more);
    if (typeof track !== "string") window.senders[track.kind] = made.sender;
    return made;
};
"""
# Perfect silence: the encoder soon sends one small packet every 0.4 s. Gives how long thirty packets took.
SILENCE = """async () => {
    const context = new AudioContext(), nothing = new GainNode(context, {gain: 0}), tone = new OscillatorNode(context);
    const out = context.createMediaStreamDestination();
    tone.connect(nothing).connect(out);
    tone.start();
    await context.resume();
    await senders.audio.replaceTrack(out.stream.getAudioTracks()[0]);
    const outbound = async () =>
        [...(await senders.audio.getStats()).values()].find((one) => one.type === "outbound-rtp").packetsSent;
    const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
    const reached = async (goal) => { while (await outbound() < goal) await pause(); };
    for (let before = 0, quiet = 0; quiet < 5; quiet++) {  // the encoder needs a moment to notice
        const now = await outbound();
        if (now - before > 1) quiet = 0;
        before = now;
        await pause();
    }
    const since = performance.now();
    await reached(await outbound() + 30);
    return performance.now() - since;
}"""


async def take_away(page: Page, kind: str) -> None:
    await page.evaluate("(kind) => senders[kind].replaceTrack(null)", kind)


@pytest.mark.parametrize(
    ("kind", "told", "repair", "hint"),
    [
        ("audio", "내 소리가 전해지지 않고 있습니다", "마이크 다시 켜기", "소리가 오지 않음"),
        ("video", "내 화면이 전해지지 않고 있습니다", "카메라 다시 켜기", "화면이 오지 않음"),
    ],
    ids=["microphone", "camera"],
)
async def test_what_does_not_arrive_is_told_and_repaired_with_one_press(
    product: Product, browser: Browser, kind: str, told: str, repair: str, hint: str
) -> None:
    async with at_the_desk(product, "박준호") as desk:
        room = await meeting(product, browser, desk, "박준호", "윤가람")
        seeker, host = room.seeker, room.counsellor
        await seeker.page.add_init_script(REMEMBER)
        await seeker.page.reload()
        await host.sees_moving("윤가람")

        await take_away(seeker.page, kind)
        await seeker.sees(told)
        await expect(host.face("윤가람").get_by_text(hint)).to_be_visible(timeout=WITHIN_MS)
        await expect(host.page.get_by_text(told)).to_have_count(0)

        await seeker.press(repair)
        await expect(seeker.page.get_by_text(told)).to_have_count(0, timeout=WITHIN_MS)
        await expect(host.page.get_by_text(hint)).to_have_count(0, timeout=WITHIN_MS)
        await host.sees_moving("윤가람")
        await host.leave_room("모두 끝내기")


async def test_a_quiet_microphone_and_a_muted_one_are_left_in_peace(product: Product, browser: Browser) -> None:
    async with at_the_desk(product, "박준호") as desk:
        room = await meeting(product, browser, desk, "박준호", "배수아")
        seeker, host = room.seeker, room.counsellor
        await seeker.page.add_init_script(REMEMBER)
        await seeker.page.reload()
        await host.sees_moving("배수아")

        took_ms = await seeker.page.evaluate(SILENCE)
        assert took_ms > 5 * 30 * 20, "it really was discontinuous: speech has a packet every 20 ms"
        await expect(seeker.page.get_by_text("내 소리가 전해지지 않고 있습니다")).to_have_count(0)

        await take_away(seeker.page, "audio")
        await seeker.sees("내 소리가 전해지지 않고 있습니다")
        await seeker.press("마이크 켜짐, 누르면 꺼집니다")
        await expect(seeker.page.get_by_text("내 소리가 전해지지 않고 있습니다")).to_have_count(0, timeout=WITHIN_MS)
        await expect(host.page.get_by_text("소리가 오지 않음")).to_have_count(0, timeout=WITHIN_MS)
        await host.leave_room("모두 끝내기")
