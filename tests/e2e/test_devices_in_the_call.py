"""What happens to devices in the middle of a call, and the one repair that each time is in sight.

No switch of a browser pulls a cable or takes a call. What the browser tells the page then is a track's `ended`, or its
`mute` (W3C Media Capture, 4.3.1); this is what these stories have happen to the very tracks that are being sent.
"""

from playwright.async_api import Browser, Locator, expect

from tests.browsers import chromium
from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS, Person, host, seeker
from tests.e2e.product import Product
from tests.e2e.rooms import booked, meeting
from tests.media_site import until_true

# The devices are asked as ever; the page keeps what they gave, so that something can happen to it.
KEEP_TRACKS = """() => {
    const ask = MediaDevices.prototype.getUserMedia;
    window.kept = [];
    MediaDevices.prototype.getUserMedia = async function (wish) {
        const stream = await ask.call(this, wish);
        window.kept.push(...stream.getTracks());
        return stream;
    };
}"""
HAPPENS = """([kind, event]) => {
    const track = window.kept.findLast((one) => one.kind === kind && one.readyState === "live");
    if (event === "ended") track.stop();
    track.dispatchEvent(new Event(event));
}"""
# The browser tells the page why it does not play; the page goes on as it would, and we hear of it without touching it.
TELL_WHY = """(() => {
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        const playing = play.call(this);
        playing.catch((error) => console.info(error.name));
        return playing;
    };
})()"""
OPENED = "window.kept.length"
OWN_CAMERA = "(video) => video.srcObject.getVideoTracks()[0].label"


async def happens(person: Person, kind: str, event: str) -> None:
    """`ended`, `mute` or `unmute` to the microphone (`audio`) or camera (`video`) in use."""
    await person.page.evaluate(HAPPENS, [kind, event])


async def repairs(person: Person, what: str) -> None:
    """One notice says what is the matter and offers one repair; pressing it opens the device anew."""
    before = await person.page.evaluate(OPENED)
    await person.sees(what)
    repair = person.page.get_by_role("region", name="알림").get_by_role("button", name="다시 연결")
    await expect(repair).to_have_count(1)
    await repair.click()

    async def opened_anew() -> bool:
        return bool(await person.page.evaluate(OPENED) > before)

    await until_true(opened_anew, WITHIN_MS / 1000)
    await expect(person.page.get_by_text(what)).to_have_count(0, timeout=WITHIN_MS)


async def chooses_the_last(dialog: Locator, what: str) -> str:
    """Pick the last device of the list, which is not in use; what it is called."""
    choice = dialog.get_by_label(what, exact=True)
    last = choice.get_by_role("option").last
    value = await last.get_attribute("value", timeout=WITHIN_MS)
    assert await choice.input_value() != value
    await choice.select_option(value)
    return await last.inner_text()


async def test_devices_change_vanish_and_are_taken_away_and_come_back(product: Product, chromium_path: str) -> None:
    # Three: the second one that Chromium fakes is a depth camera, of which WebRTC sends nothing.
    three_cameras = "--use-fake-device-for-media-stream=device-count=3"
    async with chromium(chromium_path, three_cameras) as browser, at_the_desk(product, "박준호") as desk:
        room = await meeting(product, browser, desk, "박준호", "배수아")
        park, bae = room.counsellor, room.seeker
        face = park.face("배수아").locator("video")
        await bae.page.evaluate(KEEP_TRACKS)

        await bae.press("더 보기")
        await bae.page.get_by_role("menuitem", name="마이크·카메라·스피커 바꾸기").click()
        dialog = bae.page.get_by_role("dialog")
        camera = await chooses_the_last(dialog, "카메라")
        await chooses_the_last(dialog, "마이크")
        await dialog.get_by_role("button", name="완료").click()
        own = bae.face("배수아 (나)").locator("video")
        await expect(own).to_have_count(1)
        assert await own.evaluate(OWN_CAMERA) == camera
        await park.sees_moving("배수아")
        await park.hears()

        await happens(bae, "video", "ended")
        await expect(face).to_have_count(0, timeout=WITHIN_MS)
        await repairs(bae, "카메라 연결이 빠졌습니다")
        await park.sees_moving("배수아")
        await happens(bae, "audio", "ended")
        await repairs(bae, "마이크 연결이 빠졌습니다")
        await park.hears()

        await happens(bae, "audio", "mute")
        await repairs(bae, "전화나 다른 앱이 마이크를 가져갔습니다")
        await happens(bae, "audio", "mute")
        await bae.sees("전화나 다른 앱이 마이크를 가져갔습니다")
        await happens(bae, "audio", "unmute")  # the call is over, and the system gives it back
        await expect(bae.page.get_by_text("전화나 다른 앱이 마이크를 가져갔습니다")).to_have_count(0, timeout=WITHIN_MS)
        for kind in ("audio", "video"):  # a phone call on iOS takes both
            await happens(bae, kind, "mute")
        await repairs(bae, "전화나 다른 앱이 마이크와 카메라를 가져갔습니다")
        await park.sees_moving("배수아")
        await park.hears()
        await park.leave_room("모두 끝내기")


async def test_sound_that_the_browser_holds_back_is_turned_on_with_one_press(
    product: Product, browser: Browser, chromium_path: str
) -> None:
    # Whoever lends a microphone may be spoken to; Chromium holds back only from those who refused it.
    strict = ["--autoplay-policy=document-user-activation-required", "--use-fake-ui-for-media-stream=deny"]
    async with chromium(chromium_path, *strict) as refusing, at_the_desk(product, "박준호") as desk:
        appointment, link = await booked(desk, "송다은")
        park, song = await host(browser), await seeker(refusing)
        await song.page.add_init_script(TELL_WHY)
        await song.open(link)
        await song.sees("마이크 사용이 막혀 있습니다")
        await song.pass_device_check()
        await song.waits()
        await park.sign_in(product, "박준호")
        await park.enter(product, appointment)
        await park.admit("송다은")
        await song.hears()

        await song.page.goto("about:blank")  # whoever comes back has pressed nothing on this page yet
        held_back = song.page.expect_console_message(lambda said: said.text == "NotAllowedError", timeout=WITHIN_MS)
        async with held_back:  # nothing else: to Chromium, looking into a page with Playwright is a press on it
            await song.page.goto(link, wait_until="commit")
        await song.sees("브라우저가 소리를 막았습니다")
        await expect(song.button("소리 켜기")).to_have_count(1)
        await song.press("소리 켜기")
        await expect(song.page.get_by_text("브라우저가 소리를 막았습니다")).to_have_count(0, timeout=WITHIN_MS)
        await song.hears()
        await park.leave_room("모두 끝내기")
