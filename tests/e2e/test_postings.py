"""An employer on a real site, from nothing: a posting, two applicants, their interviews in a row, the first link."""

import re
from pathlib import Path

from playwright.async_api import Browser, expect

from server.actions.sample_people import resume_pdf
from tests.e2e.people import WITHIN_MS, Host, host, seeker
from tests.e2e.product import Product

TITLE = "물류 사무원 (야간)"


async def make_posting(lee: Host, questions: list[str]) -> None:
    await lee.press_link("채용 공고")
    await lee.press_link("공고 만들기")
    await lee.page.get_by_label("공고 제목").fill(TITLE, timeout=WITHIN_MS)
    for number, question in enumerate(questions, 1):
        await lee.press("추가")
        await lee.page.get_by_label(f"{number}번째 내용").fill(question)
    await lee.press("예시 평가 항목 넣기")
    await lee.press("만들기")
    await expect(lee.page.get_by_role("heading", name=TITLE)).to_be_visible(timeout=WITHIN_MS)


async def register(lee: Host, name: str, phone: str, resume: Path) -> None:
    await lee.press("지원자 등록")
    dialog = lee.page.get_by_role("dialog")
    await dialog.get_by_label("이름").fill(name, timeout=WITHIN_MS)
    await dialog.get_by_label("휴대전화 번호").fill(phone)
    async with lee.page.expect_file_chooser() as chosen:
        await dialog.get_by_role("button", name="이력서 PDF 고르기").click()
    await (await chosen.value).set_files(resume)
    await dialog.get_by_role("button", name="등록", exact=True).click()
    await expect(dialog).to_have_count(0, timeout=WITHIN_MS)
    await expect(lee.page.get_by_role("link", name=f"{name} 님 이력서 새 창으로 열기")).to_be_visible(timeout=WITHIN_MS)


async def test_an_employer_takes_two_applicants_from_a_new_posting_to_their_interviews(
    product: Product, browser: Browser, tmp_path: Path
) -> None:
    resume = tmp_path / "이력서.pdf"
    resume.write_bytes(resume_pdf("applicant"))
    lee = await host(browser)
    await lee.sign_in(product, "이정민")
    await make_posting(lee, ["자기소개를 해 주세요", "재고 차이를 찾은 경험을 말씀해 주세요"])
    for question in ("자기소개를 해 주세요", "재고 차이를 찾은 경험을 말씀해 주세요"):
        await lee.sees(question)
    await register(lee, "도서연", "010-3000-0001", resume)
    await register(lee, "표민규", "010-3000-0002", resume)

    await lee.page.get_by_role("link", name="면접 잡기", exact=True).first.click()
    await lee.press("면접이 없는 지원자 2명 모두 고르기")
    # A year ahead, so that the candidate is too early whatever the time is now.
    await lee.page.get_by_role("spinbutton", name=re.compile("^(년|연)")).press("ArrowUp")
    order = lee.page.get_by_role("list", name="면접 순서")
    await expect(order.get_by_role("listitem")).to_have_text(
        [re.compile(r"\d\d:\d\d 도서연"), re.compile(r"\d\d:\d\d 표민규")], timeout=WITHIN_MS
    )
    await lee.press("면접 2건 예약")
    await lee.sees("면접 2건을 예약했습니다")

    await lee.press("도서연 님 링크 만들기")
    link = lee.page.get_by_role("group", name="도서연 님 링크").get_by_role("textbox")
    await expect(link).to_have_value(re.compile(r"/join#"), timeout=WITHIN_MS)
    message = await lee.copies("안내 문구 복사")
    for part in ("[누리물류] 도서연 님, 화상 면접 안내입니다.", await link.input_value(), "0212345678"):
        assert part in message
    candidate = await seeker(browser)
    await candidate.open(await link.input_value())
    await expect(candidate.page.get_by_role("heading", name=re.compile("도서연 님"))).to_be_visible(timeout=WITHIN_MS)
    for text in (TITLE, "누리물류", "이정민"):
        await candidate.sees(text)
