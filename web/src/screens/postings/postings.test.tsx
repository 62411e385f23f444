import { expect, test } from "vitest";
import { screen, within } from "@testing-library/react";
import type { components } from "../../net/api.gen";
import { LEE, show } from "../desk/show";
import BookRow from "./book-row";
import NewPosting from "./new-posting";
import Posting from "./posting";
import Postings from "./postings";

type PostingView = components["schemas"]["PostingView"];
type Applicant = components["schemas"]["Applicant"];

const applicant = (id: string, name: string, more: Partial<Applicant> = {}): Applicant => ({
  id,
  seeker: { id: `s-${id}`, name },
  phone: "01012345678",
  applied_at: "2026-03-01T00:00:00Z",
  documents: [],
  interviews: [],
  decision: null,
  withdrawn_at: null,
  withdrawal_reason: null,
  ...more,
});

const POSTING: PostingView = {
  id: "p1",
  title: "견본 공고",
  version: 1,
  closed_at: null,
  kit: { questions: [], attributes: [] },
  applications: [applicant("a1", "강견본"), applicant("a2", "문견본"), applicant("a3", "서견본", { withdrawn_at: "2026-03-01T00:00:00Z", withdrawal_reason: "취업" })],
  candidates: [],
};
const READ = "GET /api/postings/p1";
const APPLY = "POST /api/postings/p1/applications";
const BOOK = "POST /api/postings/p1/interviews";
const OPEN = { id: "p1", title: "견본 공고", closed_at: null, candidates_today: 0 };

test("only those who hire are offered to make a posting", async () => {
  show(<Postings />, (server) => server.on("GET /api/postings", [OPEN]), { ...LEE, role: "interviewer" });
  expect(await screen.findByRole("link", { name: "견본 공고" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "공고 만들기" })).toBeNull();
});

test("a posting is made from the samples, changed, and without the lines that were left empty", async () => {
  const { server, user } = show(<NewPosting />, (one) => one.on("POST /api/postings", POSTING, 201), LEE);
  await user.type(await screen.findByRole("textbox", { name: /공고 제목/ }), "물류 사무원");
  await user.click(screen.getByRole("button", { name: "예시 질문 넣기" }));
  const first = screen.getByRole("textbox", { name: "1번째 내용" });
  await user.clear(first);
  await user.type(first, "자기소개");
  await user.click(screen.getByRole("button", { name: "추가" }));
  await user.click(screen.getByRole("button", { name: "예시 평가 항목 넣기" }));
  await user.click(screen.getByRole("button", { name: "평가 항목 3 지우기" }));
  await user.click(screen.getByRole("button", { name: "만들기" }));
  await expect.poll(() => server.bodies("POST /api/postings").length).toBe(1);
  const body = server.bodies("POST /api/postings")[0] as components["schemas"]["PostingBody"];
  expect(body.title).toBe("물류 사무원");
  expect(body.questions.length).toBe(4);
  expect(body.questions[0]).toEqual({ text: "자기소개", minutes: 3 });
  expect(body.attributes.map(({ name }) => name)).toEqual(["직무 이해", "의사소통"]);
  expect(Object.keys(body.attributes[0]?.anchors ?? {})).toEqual(["1", "3", "5"]);
});

test("a refused résumé is tried again without taking the person in twice", async () => {
  let tries = 0;
  const { server, user } = show(
    <Posting id="p1" />,
    (one) =>
      one.on(READ, POSTING).on(APPLY, applicant("a4", "도견본"), 201)
        .onAsk("POST /api/documents", () => (++tries === 1 ? { status: 422, body: { code: "document_not_a_pdf" } } : { status: 201, body: { id: "d1", title: "이력서", pages: 1, size_bytes: 2 } })),
    LEE,
  );
  await user.click(await screen.findByRole("button", { name: "지원자 등록" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByRole("textbox", { name: /이름/ }), "도견본");
  await user.type(within(dialog).getByRole("textbox", { name: /휴대전화 번호/ }), "01012345678");
  const input = dialog.querySelector<HTMLInputElement>("input[type=file]");
  if (input === null) throw new Error("nothing to choose a file with");
  await user.upload(input, new File(["{}"], "이력서.pdf", { type: "application/pdf" }));
  await user.click(within(dialog).getByRole("button", { name: "등록" }));
  expect(await within(dialog).findByText("도견본 님은 등록했습니다. 이력서만 올리지 못했습니다.")).toBeTruthy();
  await user.click(within(dialog).getByRole("button", { name: "이력서 다시 올리기" }));
  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
  expect(server.bodies(APPLY)).toEqual([{ name: "도견본", phone: "01012345678", lang: "ko" }]);
  expect(tries).toBe(2);
});

test("what was made while its answer got lost is not made twice, neither the applicant nor the résumé", async () => {
  const UPLOAD = "POST /api/documents";
  const lostOnce = (made: unknown) => {
    let tries = 0;
    return () => (++tries === 1 ? { status: 503, body: { code: "storage_away" } } : { status: 201, body: made });
  };
  const { server, user } = show(
    <Posting id="p1" />,
    (one) =>
      one.on(READ, POSTING).onAsk(APPLY, lostOnce(applicant("a4", "도견본"))).onAsk(UPLOAD, lostOnce({ id: "d1", title: "이력서", pages: 1, size_bytes: 2 })),
    LEE,
  );
  await user.click(await screen.findByRole("button", { name: "지원자 등록" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByRole("textbox", { name: /이름/ }), "도견본");
  await user.type(within(dialog).getByRole("textbox", { name: /휴대전화 번호/ }), "01012345678");
  const input = dialog.querySelector<HTMLInputElement>("input[type=file]");
  if (input === null) throw new Error("nothing to choose a file with");
  await user.upload(input, new File(["{}"], "이력서.pdf", { type: "application/pdf" }));
  await user.click(within(dialog).getByRole("button", { name: "등록" }));
  await within(dialog).findByRole("alert");
  await user.click(within(dialog).getByRole("button", { name: "등록" }));
  await user.click(await within(dialog).findByRole("button", { name: "이력서 다시 올리기" }));
  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
  for (const call of [APPLY, UPLOAD]) {
    const [first, second] = server.keys(call);
    expect(first).toBeTruthy();
    expect(second).toBe(first);
  }
});

test("a booking whose answer was lost is repeated as the same, a refused or a changed one is another", async () => {
  let status = 503;
  const { server, user } = show(
    <BookRow id="p1" />,
    (one) => one.on(READ, POSTING).on("GET /api/staff", []).onAsk(BOOK, () => ({ status, body: { code: status === 409 ? "host_busy" : "storage_away" } })),
    LEE,
  );
  await user.click(await screen.findByRole("checkbox", { name: /문견본/ }));
  const book = async (count: number, times: number) => {
    await user.click(screen.getByRole("button", { name: `면접 ${count}건 예약` }));
    await expect.poll(() => server.keys(BOOK).length).toBe(times);
    await expect.poll(() => screen.getByRole<HTMLButtonElement>("button", { name: `면접 ${count}건 예약` }).getAttribute("data-pending")).toBeNull();
  };
  await book(1, 1);
  status = 409;
  await book(1, 2);
  status = 503;
  await book(1, 3);
  await user.click(screen.getByRole("checkbox", { name: /강견본/ }));
  await book(2, 4);
  const [lost, refused, again, changed] = server.keys(BOOK);
  expect(refused).toBe(lost);
  expect(new Set([lost, again, changed]).size).toBe(3);
});

test("an administrator registers applicants and is offered no résumé", async () => {
  const { user } = show(<Posting id="p1" />, (one) => one.on(READ, POSTING), { ...LEE, role: "admin" });
  await user.click(await screen.findByRole("button", { name: "지원자 등록" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).queryByRole("button", { name: "이력서 PDF 고르기" })).toBeNull();
  expect(screen.queryByRole("button", { name: /이력서 올리기/, hidden: true })).toBeNull();
});

test("an application is withdrawn only with a reason, and those withdrawn stand last with theirs", async () => {
  const path = "POST /api/applications/a1/withdraw";
  const { server, user } = show(<Posting id="p1" />, (one) => one.on(READ, POSTING).on(path, applicant("a1", "강견본")), LEE);
  expect(await screen.findByText("지원자 2명")).toBeTruthy();
  expect(screen.getByText("사유: 취업")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "강견본 님 지원 취소" }));
  const dialog = await screen.findByRole("dialog");
  const confirm = within(dialog).getByRole<HTMLButtonElement>("button", { name: "지원 취소" });
  expect(confirm.disabled).toBe(true);
  await user.type(within(dialog).getByRole("textbox", { name: /취소 사유/ }), "다른 곳에 취업");
  await user.click(confirm);
  await expect.poll(() => server.bodies(path)).toEqual([{ reason: "다른 곳에 취업" }]);
});

test("interviews follow the order of ticking, and a refusal says whose interview does not fit", async () => {
  const busy = { code: "host_busy", details: { number: 2 } };
  const { server, user } = show(<BookRow id="p1" />, (one) => one.on(READ, POSTING).on("GET /api/staff", []).on(BOOK, busy, 409), LEE);
  const submit = await screen.findByRole<HTMLButtonElement>("button", { name: "면접 0건 예약" });
  expect(submit.disabled).toBe(true);
  expect(screen.queryByRole("checkbox", { name: /서견본/ })).toBeNull();
  await user.click(screen.getByRole("checkbox", { name: /문견본/ }));
  await user.click(screen.getByRole("checkbox", { name: /강견본/ }));
  const order = within(screen.getByRole("list", { name: "면접 순서" })).getAllByRole("listitem");
  expect(order.map(({ textContent }) => textContent.replace(/^\d\d:\d\d /, ""))).toEqual(["문견본", "강견본"]);
  await user.click(screen.getByRole("button", { name: "면접 2건 예약" }));
  const refusal = await screen.findByRole("alert");
  expect(refusal.textContent).toContain("아무 면접도 예약하지 않았습니다.");
  expect(refusal.textContent).toMatch(/\d\d:\d\d 강견본 님/);
  expect(server.bodies(BOOK)[0]).toMatchObject({ application_ids: ["a2", "a1"], host_ids: [LEE.id], minutes: 30, break_minutes: 10 });
});
