/** Each page that a seeker may land on says whom to call, also when nothing works. */
import { render, screen } from "@testing-library/react";
import i18next from "i18next";
import { beforeEach, expect, test, vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import { Page } from "../../elements/page";
import { Problem } from "../../net/problem";
import Join from "./join";
import { LinkProblem } from "./link-problem";

/** What `GET /api/contact` answers; null: there is no way to the server. */
function contact(answer: { name: string | null; phone: string | null } | null) {
  vi.stubGlobal("fetch", async () => {
    if (answer === null) throw new TypeError("no way");
    return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json" } });
  });
}

const problem = (code: string, details = {}) => render(<LinkProblem error={new Problem(code, 410, details)} onRetry={() => undefined} />);
const number = () => screen.findByRole("link", { name: /^[\d-]+$/ });

beforeEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

test("a link that was once good names its own organisation", async () => {
  contact({ name: null, phone: "1350" });
  problem("link_revoked", { organisation: "한빛고용센터", phone: "02-0000-0001" });
  expect((await number()).getAttribute("href")).toBe("tel:0200000001");
  expect(screen.getByText(/한빛고용센터에 전화해 주세요/)).toBeTruthy();
});

test("a link that nobody knows leads to the installation's number", async () => {
  contact({ name: "한빛고용센터", phone: "02-0000-0001" });
  problem("link_unknown");
  expect((await number()).textContent).toBe("02-0000-0001");
});

test("a number is written as people read it", async () => {
  contact(null);
  problem("link_revoked", { organisation: "한빛고용센터", phone: "0287654321" });
  expect((await number()).textContent).toBe("02-8765-4321");
});

test("a number without a name is shown without one", async () => {
  contact({ name: null, phone: "1350" });
  problem("link_garbled");
  expect((await number()).textContent).toBe("1350");
  expect(screen.getByText("도움이 필요하면 전화해 주세요.")).toBeTruthy();
});

test.each([
  ["several organisations", { name: null, phone: null }],
  ["no way to the server", null],
])("with %s the page says where the number is", async (_, answer) => {
  contact(answer);
  problem("offline");
  expect(await screen.findByText(/안내문에 적힌 번호로 전화해 주세요/)).toBeTruthy();
});

test("when the server goes away, the tab still knows the centre it was at", async () => {
  contact(null);
  render(<Page centre={{ name: "한빛고용센터", phone: "02-0000-0001" }}>{null}</Page>).unmount();
  problem("internal_error");
  expect((await number()).textContent).toBe("02-0000-0001");
});

test.each([
  ["ko", "이 브라우저에서는 화상 대화를 할 수 없습니다", "링크 복사하기"],
  ["en", "This browser cannot hold a video conversation", "Copy the link"],
])("a link in a browser without WebRTC says in %s what will do and whom to call, before anything is asked", async (language, title, copy) => {
  contact({ name: null, phone: "1350" });
  vi.stubGlobal("RTCPeerConnection", undefined);
  await i18next.changeLanguage(language);
  render(<AnnouncerProvider><Join /></AnnouncerProvider>);
  expect(await screen.findByRole("heading", { name: title })).toBeTruthy();
  expect(screen.getByRole("button", { name: copy })).toBeTruthy();
  expect((await number()).textContent).toBe("1350");
  await i18next.changeLanguage("ko");
});
