"""An interview by two: what the panel says among itself, what each judges alone, and what never leaves them."""

import asyncio
import re
from typing import Any

from playwright.async_api import Browser, Error, Page, Response, WebSocket, expect

from tests.e2e.axe import has_no_fault
from tests.e2e.desk import Desk, around_now, at_the_sample_desk
from tests.e2e.keyboard import has_a_place
from tests.e2e.papers import is_drawn
from tests.e2e.people import WITHIN_MS, Host, Seeker, host, seeker
from tests.e2e.product import SampleProduct

LEAD, INTERVIEWER, CANDIDATE = "이정민", "최유진", "오민석"
QUESTION = "자기소개와 지원한 까닭을 말씀해 주세요."
ATTRIBUTES = ("정확성", "의사소통", "협업")
AMONG_US = "재고 질문은 제가 하겠습니다"
JUDGEMENTS = {LEAD: "장부를 다시 맞춘 방법이 분명했다", INTERVIEWER: "동료를 도운 경험을 순서대로 말했다"}
RESUME, WORDS_OF_IT = "이력서 (견본)", "RESUME - SAMPLE"
NOT_THE_SEEKERS = (AMONG_US, QUESTION, RESUME, *ATTRIBUTES, *JUDGEMENTS.values(), "합격", "passed", "scorecard")


class Received:
    """All that a page is sent by the product: every frame of its sockets, every answer of the API."""

    def __init__(self, page: Page) -> None:
        self.frames: list[str] = []
        self._answers: list[asyncio.Task[str]] = []
        page.on("websocket", self._listen)
        page.on("response", self._keep)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(str(frame)))

    def _keep(self, response: Response) -> None:
        if "/api/" in response.url:
            self._answers.append(asyncio.create_task(self._text(response)))

    @staticmethod
    async def _text(response: Response) -> str:
        try:
            return await response.text()
        except Error:  # the page went on before its answer was read
            return ""

    async def everything(self) -> str:
        """As one text."""
        return "\n".join([*self.frames, *await asyncio.gather(*self._answers)])


async def interview_of(desk: Desk, name: str) -> tuple[str, str]:
    """The appointment of this candidate, and a link of theirs."""
    cards = await desk.ask("GET", around_now())
    card = next(one for one in cards if any(seat["name"].startswith(name) for seat in one["seats"]))
    guest = next(seat for seat in card["seats"] if not seat["staff"])
    return card["id"], await desk.link(card, guest["person_id"])


async def takes_a_seat(samples: SampleProduct, person: Host, name: str, appointment: str) -> None:
    await person.sign_in_as(samples.product, *samples.account(name))
    await person.enter(samples.product, appointment)


async def leaves_before_the_lead(choi: Host) -> None:
    """An interviewer ends nothing, and reads who does."""
    await choi.leave_room("나만 나가기")
    await choi.sees("면접은 주 면접관이 끝냅니다.")
    await expect(choi.button("끝내기")).to_have_count(0)
    await has_no_fault(choi.page)


async def judge(person: Host, samples: SampleProduct, appointment: str, comment: str) -> None:
    """Fill in one's own card and submit it; until then the other's stays hidden."""
    page = person.page
    await page.goto(f"{samples.product.url}/desk/appointments/{appointment}/scorecard")
    for attribute in ATTRIBUTES:
        await page.get_by_role("radiogroup", name=attribute).get_by_text("4점").click(timeout=WITHIN_MS)
    await page.get_by_role("radiogroup", name="종합 의견").get_by_text("추천", exact=True).click()
    await page.get_by_label("근거").fill(comment)
    await person.sees("내 평가표를 제출하면 볼 수 있습니다.")
    assert await others_cards(person, samples, appointment) == (403, "scorecard_own_first")
    await person.press("제출")
    await page.get_by_role("dialog").get_by_role("button", name="제출").click(timeout=WITHIN_MS)
    await expect(page.get_by_text("내 평가표를 제출하면 볼 수 있습니다.")).to_have_count(0, timeout=WITHIN_MS)


async def others_cards(person: Host, samples: SampleProduct, appointment: str) -> tuple[int, Any]:
    """What the API answers this person who asks for the others' cards: the status, and the comments or the code."""
    answer = await person.page.request.get(f"{samples.product.url}/api/appointments/{appointment}/scorecards")
    body = await answer.json()
    return answer.status, [card["comment"] for card in body] if answer.ok else body["code"]


async def test_an_interview_by_two_ends_in_a_decision_that_a_person_makes(
    samples: SampleProduct, browser: Browser
) -> None:
    lee, choi, oh = await host(browser), await host(browser), await seeker(browser)
    received = Received(oh.page)
    async with at_the_sample_desk(samples, LEAD) as desk:
        appointment, link = await interview_of(desk, CANDIDATE)
        await in_the_room(samples, lee, choi, oh, appointment, link)
        await read_the_resume_beside_the_video(lee, choi, oh)
        await speak_among_the_panel(lee, choi, oh, received)
        await ask_in_order(lee, choi, oh)
        await record_with_the_consent_of_all(lee, choi, oh)
        await leaves_before_the_lead(choi)
        await lee.leave_room("모두 끝내기")
        await oh.sees("면접에 참여해 주셔서 고맙습니다")
        await expect(choi.page.get_by_role("heading", name="출결 확인")).to_be_visible(timeout=WITHIN_MS)

        await judge(choi, samples, appointment, JUDGEMENTS[INTERVIEWER])
        await choi.sees(re.compile(f"아직 제출하지 않음: {LEAD}"))
        await judge(lee, samples, appointment, JUDGEMENTS[LEAD])
        await lee.sees(JUDGEMENTS[INTERVIEWER])
        assert await others_cards(choi, samples, appointment) == (200, [JUDGEMENTS[LEAD]])
        await expect(choi.page.get_by_role("heading", name="면접 결과")).to_have_count(0)
        await lee.page.get_by_role("radiogroup", name="결과").get_by_text("합격", exact=True).click()
        await lee.press("결정")
        await lee.sees("결과를 저장했습니다.")
        await lee.sees(re.compile(f"{LEAD}.* 님이 정했습니다"))
        await has_a_place(lee)  # the form has gone with its answer

    await oh.page.reload()
    await oh.sees("면접에 참여해 주셔서 고맙습니다")
    everything = await received.everything()
    assert "chat.said" in everything  # we do hear what is sent
    assert [secret for secret in NOT_THE_SEEKERS if secret in everything] == []


async def in_the_room(samples: SampleProduct, lee: Host, choi: Host, oh: Seeker, appointment: str, link: str) -> None:
    await oh.open(link)
    await oh.answer_consents("동의합니다")
    await oh.pass_device_check()
    await oh.waits()
    await takes_a_seat(samples, choi, INTERVIEWER, appointment)
    await takes_a_seat(samples, lee, LEAD, appointment)
    await lee.sees(re.compile(f"{CANDIDATE}.* 님이 기다리고 있습니다"))
    await expect(choi.button("입장 허용")).to_have_count(0)  # only the lead admits
    await lee.press("입장 허용")
    for person, others in ((lee, (INTERVIEWER, CANDIDATE)), (choi, (LEAD, CANDIDATE)), (oh, (LEAD, INTERVIEWER))):
        for other in others:
            await person.sees_moving(other)


async def read_the_resume_beside_the_video(lee: Host, choi: Host, oh: Seeker) -> None:
    """With the questions, and alone: neither the candidate nor the other interviewer is shown anything."""
    questions = await choi.open_panel("면접 질문")
    await questions.get_by_role("button", name=f"{RESUME}: 나만 보기", exact=True).click(timeout=WITHIN_MS)
    reading = choi.page.get_by_role("complementary", name=f"나만 보는 자료: {RESUME}")
    await expect(reading.get_by_text("나만 보고 있습니다")).to_be_visible(timeout=WITHIN_MS)
    sheet = reading.get_by_role("group", name=f"{RESUME} 1쪽")
    await expect(sheet).to_contain_text(WORDS_OF_IT, timeout=WITHIN_MS)
    await is_drawn(sheet)
    await expect(questions.get_by_text(QUESTION)).to_be_visible()
    await choi.sees_moving(CANDIDATE)
    for other in (lee, oh):
        await expect(other.page.get_by_role("figure")).to_have_count(0)
    await reading.get_by_role("button", name=f"{RESUME} 닫기").click()
    await expect(reading).to_have_count(0)
    await expect(questions.get_by_role("button", name=f"{RESUME}: 나만 보기", exact=True)).to_be_focused()


async def speak_among_the_panel(lee: Host, choi: Host, oh: Seeker, received: Received) -> None:
    await lee.says(AMONG_US, to="면접관끼리")
    panel = await choi.open_panel("채팅")
    await panel.get_by_role("tab", name="면접관끼리").click()
    await choi.sees(AMONG_US)
    await choi.says("먼저 인사드리겠습니다", to="모두에게")
    chat = await oh.open_panel("채팅")
    await expect(chat.get_by_text("먼저 인사드리겠습니다")).to_be_visible(timeout=WITHIN_MS)
    # What was said later has come, so what was said before will come no more.
    await expect(oh.page.get_by_text(AMONG_US)).to_have_count(0)
    assert not any(AMONG_US in frame for frame in received.frames)


async def ask_in_order(lee: Host, choi: Host, oh: Seeker) -> None:
    questions = await lee.open_panel("면접 질문")
    await questions.get_by_role("button", name=f"{QUESTION}: 질문함").click()
    seen = (await choi.open_panel("면접 질문")).get_by_role("listitem").filter(has_text=QUESTION)
    await expect(seen).to_contain_text(LEAD, timeout=WITHIN_MS)
    await seen.get_by_role("button", name=f"{QUESTION}: 답변 마침").click()
    await expect(questions.get_by_role("listitem").filter(has_text=QUESTION)).to_contain_text("마침", timeout=WITHIN_MS)
    await expect(oh.page.get_by_text(QUESTION)).to_have_count(0)


async def record_with_the_consent_of_all(lee: Host, choi: Host, oh: Seeker) -> None:
    await lee.answer_own_consent("동의합니다")
    await choi.answer_own_consent("동의합니다")
    await expect(choi.button("녹화 시작")).to_have_count(0)
    await lee.press("녹화 시작")
    everybody = re.compile(f"녹화 중: (?=.*{LEAD})(?=.*{INTERVIEWER})(?=.*{CANDIDATE})")
    for person in (lee, choi, oh):
        await person.sees(everybody)
