"""What one person finds who has just started the product to try it."""

import re

from playwright.async_api import Browser, expect

from tests.e2e.people import WITHIN_MS, host, moves, seeker
from tests.e2e.product import SampleProduct


async def test_the_desk_of_the_sample_counsellor_has_something_of_everything(
    samples: SampleProduct, browser: Browser
) -> None:
    kim = await host(browser)
    await kim.sign_in_as(samples.product, *samples.account("김서연"))
    await kim.sees("대기 1 · 곧 시작 2 · 미승인 요약 1")
    await kim.sees(re.compile("임도현.*오지 않은 것 같습니다"))
    await kim.press_link(re.compile("윤가람.*검토하기"))
    await kim.press("녹화 재생")
    await moves(kim.page.locator("video"))


async def test_a_sample_guest_still_waits_after_kills_is_let_in_and_gives_its_place_to_who_has_the_link(
    samples: SampleProduct, browser: Browser
) -> None:
    lee, jung = await host(browser), await seeker(browser)
    await lee.sign_in_as(samples.product, *samples.account("이정민"))
    await lee.sees("대기 1 · 곧 시작 2 · 미승인 요약 1")
    await samples.product.kill("node")
    await samples.product.kill("web")
    await lee.press_link(re.compile("정하늘.*들어가기"))
    await lee.press("들어가기")
    await lee.admit("정하늘 (견본)")
    await lee.sees_moving("정하늘")
    await expect(lee.face("정하늘")).to_have_attribute("data-speaking", "", timeout=WITHIN_MS)
    await jung.open(samples.link("정하늘"))
    await jung.answer_consents("동의합니다")
    await jung.pass_device_check()
    await jung.sees_moving("이정민")
    await lee.sees_moving("정하늘")
    await lee.leave_room("모두 끝내기")
    await jung.sees("면접에 참여해 주셔서 고맙습니다")


async def test_one_person_alone_can_try_a_full_room_which_two_counsellors_host_and_somebody_with_a_link_joins(
    samples: SampleProduct, browser: Browser
) -> None:
    park, kim, kang = await host(browser), await host(browser), await seeker(browser)
    await kang.open(samples.link("강민재"))
    await kang.page.get_by_text("약속을 지키겠습니다.").click(timeout=WITHIN_MS)
    await kang.press("다음으로")
    await kang.pass_device_check()
    await kang.waits()
    await park.sign_in_as(samples.product, *samples.account("박준호"))
    await park.page.get_by_role("link", name=re.compile("청년 소그룹 1회기")).first.click()
    await park.press("견본 참가자 들여보내기")
    await park.sees(re.compile("견본 참가자 [1-6]명이 들어오고 있습니다"))
    room = park.page.url.replace("/desk/appointments/", "/room/")
    await park.page.goto(room)
    await park.press("들어가기")
    await kim.sign_in_as(samples.product, *samples.account("김서연"))
    await kim.page.goto(room)
    await kim.press("들어가기")
    await kim.admit("강민재 (견본)")
    faces = park.page.get_by_role("list", name="참가자 화면").locator("video")
    await expect(faces).to_have_count(8, timeout=WITHIN_MS)
    await moves(faces.first)
    await kang.sees_moving("박준호")
    await park.leave_room("모두 끝내기")
