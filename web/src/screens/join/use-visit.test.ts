/** A countdown notices what becomes of its appointment. */
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useVisit } from "./use-visit";

const early = {
  state: "early",
  now: "2026-11-23T01:00:00Z",
  appointment: { id: "a1", opens_at: "2026-11-23T05:00:00Z", organisation: "한빛고용센터", phone: "02-0000-0000" },
};

type Answer = [status: number, body: unknown];
const over: Answer = [401, { code: "visit_over" }];
const away: Answer = [503, { code: "storage_away" }];

/** Answers reads of the visit and openings of the link; the last answer of each stays. `null`: there is no way to the server. */
function serve(reads: (Answer | null)[], joins: (Answer | null)[] = []) {
  vi.stubGlobal("fetch", async ({ method }: Request) => {
    const answers = method === "POST" ? joins : reads;
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (!answer) throw new TypeError("no way");
    return new Response(JSON.stringify(answer[1]), { status: answer[0], headers: { "Content-Type": "application/json" } });
  });
}

/** A page that counts down, of a visit that was opened before. */
async function countdown() {
  sessionStorage.setItem("ieum.visit", JSON.stringify({ secret: "s", token: "v" }));
  const { result } = renderHook(() => useVisit("s"));
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(result.current.opening).toMatchObject({ visit: { token: "v", page: { state: "early" } } });
  return result;
}

const aMinute = () => act(() => vi.advanceTimersByTimeAsync(60_000));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

test("an appointment that is cancelled while somebody looks at its countdown is told within a minute", async () => {
  serve([[200, early], [200, { ...early, state: "cancelled" }]]);
  const result = await countdown();
  await aMinute();
  expect(result.current.opening).toMatchObject({ visit: { page: { state: "cancelled" } } });
});

test("a visit that is over before its countdown is opened anew from the link", async () => {
  serve([[200, early], over], [[200, { visit: "v2", ...early, state: "open" }]]);
  const result = await countdown();
  await aMinute();
  expect(result.current.opening).toMatchObject({ status: "open", visit: { token: "v2", page: { state: "open" } } });
});

test("a countdown whose link was replaced says so", async () => {
  serve([[200, early], over], [[410, { code: "link_revoked" }]]);
  const result = await countdown();
  await aMinute();
  expect(result.current.opening).toMatchObject({ status: "failed", error: { code: "link_revoked" } });
});

test.each([
  ["the line", null],
  ["the database", away],
])("a countdown goes on while %s is away", async (_, answer) => {
  serve([[200, early], answer, [200, { ...early, state: "open" }]]);
  const result = await countdown();
  await aMinute();
  expect(result.current.opening).toMatchObject({ status: "open", visit: { token: "v", page: { state: "early" } } });
  await aMinute();
  expect(result.current.opening).toMatchObject({ status: "open", visit: { page: { state: "open" } } });
});

test.each([
  ["the line is away", null],
  ["too many tried", [429, { code: "too_many_attempts" }] satisfies Answer],
])("a link that cannot be opened anew while %s is tried again", async (_, answer) => {
  serve([[200, early], over], [answer, [200, { visit: "v2", ...early }]]);
  const result = await countdown();
  await aMinute();
  expect(result.current.opening).toMatchObject({ status: "open", visit: { token: "v" } });
  await aMinute();
  expect(result.current.opening).toMatchObject({ status: "open", visit: { token: "v2" } });
});

test("whoever waits in the lobby keeps the page: the room does without the visit", async () => {
  serve([[200, early], [200, { ...early, state: "open" }], over], [[410, { code: "link_revoked" }]]);
  const result = await countdown();
  await aMinute();
  await act(async () => result.current.lookAgain());
  await aMinute();
  expect(result.current.opening).toMatchObject({ status: "open", visit: { token: "v", page: { state: "open" } } });
});
