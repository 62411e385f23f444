import { expect, test } from "vitest";
import { screen } from "@testing-library/react";
import { KIM, LEE, show } from "./show";

const NOBODY = { code: "not_signed_in" };
const REFUSED = { code: "sign_in_refused" };

const Writing = () => <textarea aria-label="쓰는 중" />;

async function signIn(user: ReturnType<typeof show>["user"]) {
  await user.type(await screen.findByLabelText(/이메일/), "kim@example.kr");
  await user.type(screen.getByLabelText(/비밀번호/), "correct horse");
  await user.click(screen.getByRole("button", { name: "로그인" }));
}

test("without a session the sign-in stands in the page's place, and leads to the page", async () => {
  const { server, user } = show(<Writing />, (one) => one.on("GET /api/session", NOBODY, 401).on("POST /api/session", KIM));
  await screen.findByRole("heading", { name: "직원 로그인" });
  server.on("GET /api/session", KIM);
  await signIn(user);
  expect(await screen.findByLabelText("쓰는 중")).toBeTruthy();
  expect(server.bodies("POST /api/session")).toEqual([{ email: "kim@example.kr", password: "correct horse" }]);
});

test("a wrong password is said in words and nothing else is shown", async () => {
  const { user } = show(<Writing />, (one) => one.on("GET /api/session", NOBODY, 401).on("POST /api/session", REFUSED, 401));
  await signIn(user);
  expect((await screen.findByRole("alert")).textContent).toContain("비밀번호가 맞지 않습니다");
  expect(screen.queryByLabelText("쓰는 중")).toBeNull();
});

test("when the session expires, what was being written is still there after signing in again", async () => {
  const { server, client, user } = show(<Writing />, (one) => one.on("POST /api/session", KIM));
  await user.type(await screen.findByLabelText("쓰는 중"), "상담 내용");
  server.on("GET /api/session", NOBODY, 401);
  await client.invalidateQueries({ queryKey: ["session"] });
  await screen.findByText("로그인 시간이 끝났습니다");
  server.on("GET /api/session", KIM);
  await signIn(user);
  const field = await screen.findByLabelText<HTMLTextAreaElement>("쓰는 중");
  await expect.poll(() => field.closest("[hidden]")).toBeNull();
  expect(field.value).toBe("상담 내용");
});

test("another person who signs in does not find the first one's words", async () => {
  const { server, client, user } = show(<Writing />, (one) => one.on("POST /api/session", LEE));
  await user.type(await screen.findByLabelText("쓰는 중"), "남의 글");
  server.on("GET /api/session", NOBODY, 401);
  await client.invalidateQueries({ queryKey: ["session"] });
  await screen.findByText("로그인 시간이 끝났습니다");
  server.on("GET /api/session", LEE);
  await signIn(user);
  await expect.poll(() => screen.queryByLabelText<HTMLTextAreaElement>("쓰는 중")?.value).toBe("");
});

test("while the storage is away the page has a heading and says what goes on", async () => {
  show(<Writing />, (one) => one.on("GET /api/session", { code: "storage_away" }, 503));
  expect((await screen.findByRole("heading", { level: 1 })).textContent).toBe("화면을 열지 못했습니다");
  expect(screen.getByText(/진행 중인 상담은 계속됩니다/)).toBeTruthy();
});
