"""People behind bad lines come in, talk, and find their seat again. Their browser is on the line's other end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.bad_network.line import Line, behind
from tests.bad_network.profiles import Way, both_ways, one_way, profiles
from tests.browsers import Firefox, chromium, firefox
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import at_the_desk
from tests.e2e.people import WITHIN_MS, Host, host
from tests.e2e.product import serving_https
from tests.e2e.rooms import Meeting, booked, meeting, together_again
from tests.e2e.test_firefox import MOVES, PRESS, SEES, until_true
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("networks")

COUNSELLOR, SEEKER = "김서연", "정하늘"
MEDIA_FLOWS = 300  # packets: more than all else that a browser would send


@asynccontextmanager
async def meeting_over(line: Line, folder: Path, browser: str, version: int = 4) -> AsyncIterator[Meeting]:
    """A counsellor beside the server and a seeker behind this line, in one room: both see the other's picture move."""
    async with (
        serving_https(folder, line.server(version)) as product,
        chromium(browser, "--ignore-certificate-errors") as here,
        chromium(browser, "--ignore-certificate-errors", prefix=line.prefix) as away,
        at_the_desk(product, COUNSELLOR) as desk,
    ):
        yield await meeting(product, here, desk, COUNSELLOR, SEEKER, seekers_browser=away)


async def test_in_a_lossy_cafe_people_talk_and_a_change_of_address_costs_no_seat(
    tmp_path: Path, chromium_path: str
) -> None:
    with behind(profiles()["lossy-cafe"]) as line:
        async with meeting_over(line, tmp_path, chromium_path) as room:
            await until(lambda: all(line.counts()[way]["lost"] >= 20 for way in Way))
            await together_again(room, COUNSELLOR, SEEKER)
            line.change_address()
            sent = line.counts()[Way.UP]["arrived"]
            await until(lambda: line.counts()[Way.UP]["arrived"] > sent + MEDIA_FLOWS)  # and no longer from the old one
            await together_again(room, COUNSELLOR, SEEKER)
            await expect(room.counsellor.face(SEEKER)).to_have_count(1)
            await room.counsellor.leave_room("모두 끝내기")


async def test_when_a_router_forgets_its_bindings_the_conversation_goes_on_in_both_directions(
    tmp_path: Path, chromium_path: str
) -> None:
    with behind(profiles()["home-wifi"]) as line:
        async with meeting_over(line, tmp_path, chromium_path) as room:
            line.rebind()
            refused = line.counts()[Way.DOWN].get("rebound", 0)
            await until(lambda: line.counts()[Way.DOWN].get("rebound", 0) > refused)  # it does not reach them there
            arrived = line.counts()
            await until(
                lambda: all(line.counts()[way]["arrived"] > arrived[way]["arrived"] + MEDIA_FLOWS for way in Way)
            )
            await together_again(room, COUNSELLOR, SEEKER)
            await expect(room.counsellor.face(SEEKER)).to_have_count(1)
            await room.counsellor.leave_room("모두 끝내기")


async def test_with_all_cameras_off_a_dead_path_is_noticed_without_waiting_for_ice(
    tmp_path: Path, chromium_path: str
) -> None:
    with behind(profiles()["home-wifi"]) as line:
        async with meeting_over(line, tmp_path, chromium_path) as room:
            for person in (room.counsellor, room.seeker):
                await person.press("카메라 켜짐, 누르면 꺼집니다")
                await expect(person.button("카메라 꺼짐, 누르면 켜집니다")).to_be_visible()
            said: list[str] = []
            room.seeker.page.on(
                "websocket", lambda socket: socket.on("framesent", lambda frame: said.append(str(frame)))
            )
            await room.seeker.page.reload()
            await room.seeker.hears(1)
            arrived = line.counts()[Way.DOWN]["arrived"]
            await until(lambda: line.counts()[Way.DOWN]["arrived"] > arrived + MEDIA_FLOWS)
            assert not any("no_rtp" in frame for frame in said), "a path that lives is left alone"
            line.change(both_ways(udp_blocked=True))
            await until(lambda: any("down.restart" in frame and "no_rtp" in frame for frame in said))
            line.change(profiles()["home-wifi"])
            await room.counsellor.leave_room("모두 끝내기")


async def test_who_has_a_weak_line_is_told_with_one_thing_to_do_and_the_host_sees_why(
    tmp_path: Path, chromium_path: str
) -> None:
    with behind(profiles()["home-wifi"]) as line:
        async with meeting_over(line, tmp_path, chromium_path) as room:
            line.change(one_way(Way.UP, loss=0.2))
            await room.seeker.sees("내 인터넷 연결이 약합니다")
            await expect(room.counsellor.face(SEEKER).get_by_text("연결이 약함")).to_be_visible(timeout=WITHIN_MS)
            await expect(room.counsellor.page.get_by_text("내 인터넷 연결이 약합니다")).to_have_count(0)
            await room.seeker.press("카메라 끄고 목소리만 쓰기")
            await expect(room.seeker.page.get_by_text("내 인터넷 연결이 약합니다")).to_have_count(0)
            await expect(room.seeker.button("카메라 꺼짐, 누르면 켜집니다")).to_be_visible()
            await room.seeker.sees("와이파이 가까이로 옮기거나")  # it was not enough: what else helps, and whom to call
            notices = room.seeker.page.get_by_role("region", name="알림")
            await expect(notices.get_by_role("link")).to_be_visible()
            await has_no_fault(room.seeker.page)
            line.change(profiles()["home-wifi"])
            await expect(room.seeker.page.get_by_text("내 인터넷 연결이 약합니다")).to_have_count(0, timeout=WITHIN_MS)
            await expect(room.counsellor.face(SEEKER).get_by_text("연결이 약함")).to_have_count(0, timeout=WITHIN_MS)
            await expect(room.counsellor.page.get_by_text("내 인터넷 연결이 약합니다")).to_have_count(0)
            await room.counsellor.leave_room("모두 끝내기")


async def test_through_a_tunnel_of_1280_bytes_pictures_move_both_ways(tmp_path: Path, chromium_path: str) -> None:
    with behind(profiles()["mtu-1280"]) as line:
        async with meeting_over(line, tmp_path, chromium_path) as room:
            await together_again(room, COUNSELLOR, SEEKER)
            await room.counsellor.leave_room("모두 끝내기")


async def test_with_ipv6_alone_pictures_move_both_ways(tmp_path: Path, chromium_path: str) -> None:
    with behind(profiles()["ipv6-only"]) as line:
        async with meeting_over(line, tmp_path, chromium_path, version=6) as room:
            await together_again(room, COUNSELLOR, SEEKER)
            assert line.counts()[Way.UP].get("ip_version", 0) == 0
            await room.counsellor.leave_room("모두 끝내기")


@dataclass(frozen=True)
class WithFirefox:
    """A counsellor in Chromium beside the server, and a seeker in Firefox behind the line, in one room."""

    kim: Host
    fox: Firefox
    tab: str

    async def see_each_other(self) -> None:
        """Both pictures move."""
        await self.kim.sees_moving(SEEKER)
        await until_true(self.fox, self.tab, MOVES)


@asynccontextmanager
async def with_firefox(line: Line, folder: Path, chromium_path: str, firefox_path: str) -> AsyncIterator[WithFirefox]:
    """They see each other, and the room is closed at the end."""
    async with (
        serving_https(folder, line.server(4)) as product,
        chromium(chromium_path, "--ignore-certificate-errors") as here,
        firefox(firefox_path, line.namespace) as fox,
        at_the_desk(product, COUNSELLOR) as desk,
    ):
        appointment, link = await booked(desk, SEEKER)
        tab = await fox.open(link)
        await until_true(fox, tab, PRESS.format(name="대기실로 들어가기"))
        await until_true(fox, tab, SEES.format(text="대기실"))
        kim = await host(here)
        await kim.sign_in(product, COUNSELLOR)
        await kim.enter(product, appointment)
        await kim.admit(SEEKER)
        room = WithFirefox(kim, fox, tab)
        await room.see_each_other()
        yield room
        await kim.leave_room("모두 끝내기")


async def test_firefox_on_a_train_sees_and_is_seen(tmp_path: Path, chromium_path: str, firefox_path: str) -> None:
    with behind(profiles()["4g-train"]) as line:
        async with with_firefox(line, tmp_path, chromium_path, firefox_path) as room:
            await room.see_each_other()


async def test_when_a_router_forgets_the_bindings_of_a_firefox_the_conversation_goes_on(
    tmp_path: Path, chromium_path: str, firefox_path: str
) -> None:
    with behind(profiles()["home-wifi"]) as line:
        async with with_firefox(line, tmp_path, chromium_path, firefox_path) as room:
            refused = line.counts()[Way.DOWN].get("rebound", 0)
            line.rebind()
            await until(lambda: line.counts()[Way.DOWN].get("rebound", 0) > refused)  # it does not reach them there
            arrived = line.counts()
            await until(
                lambda: all(line.counts()[way]["arrived"] > arrived[way]["arrived"] + MEDIA_FLOWS for way in Way), 60
            )
            await room.see_each_other()
            await expect(room.kim.face(SEEKER)).to_have_count(1)
