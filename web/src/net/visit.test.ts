import { beforeEach, expect, test, vi } from "vitest";
import { Problem } from "./problem";
import { readForSeat, seatKey } from "./seat";
import { keepPage, openVisit, type VisitAnswer } from "./visit";

const page = { state: "open", name: "정하늘", appointment: { id: "a1" } };

/** Answers like the server, by method and path; keeps what was asked. */
function serve(answers: Record<string, [number, unknown]>) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const key = `${request.method} ${new URL(request.url).pathname}`;
    asked.push(key);
    const found = answers[key];
    if (found === undefined) throw new TypeError("no network");
    const type = found[0] < 400 ? "application/json" : "application/problem+json";
    return new Response(JSON.stringify(found[1]), { status: found[0], headers: { "Content-Type": type } });
  });
  return asked;
}

beforeEach(() => sessionStorage.clear());

test("a link is opened once and read again after a reload", async () => {
  const asked = serve({ "POST /api/join": [200, { visit: "v1", ...page }], "GET /api/visit": [200, page] });
  expect((await openVisit("secret")).token).toBe("v1");
  expect((await openVisit("secret")).token).toBe("v1");
  expect(asked).toEqual(["POST /api/join", "GET /api/visit"]);
});

test("another link in the same tab is another visit", async () => {
  const asked = serve({ "POST /api/join": [200, { visit: "v1", ...page }] });
  await openVisit("first");
  await openVisit("second");
  expect(asked).toEqual(["POST /api/join", "POST /api/join"]);
});

test("a visit that is over is opened anew from the link", async () => {
  serve({ "POST /api/join": [200, { visit: "v1", ...page }] });
  await openVisit("secret");
  serve({ "POST /api/join": [200, { visit: "v2", ...page }], "GET /api/visit": [410, { code: "visit_over" }] });
  expect((await openVisit("secret")).token).toBe("v2");
});

test("a network that is away is told as such and opens nothing twice", async () => {
  serve({ "POST /api/join": [200, { visit: "v1", ...page }] });
  await openVisit("secret");
  const asked = serve({});
  await expect(openVisit("secret")).rejects.toMatchObject({ code: "offline" });
  expect(asked).toEqual(["GET /api/visit"]);
});

test("whoever has a seat comes back to it while the server cannot read visits; others are told", async () => {
  serve({ "POST /api/join": [200, { visit: "v1", ...page }] });
  await openVisit("secret");
  keepPage({ ...(page as unknown as VisitAnswer), name: "햇살" });
  serve({ "GET /api/visit": [503, { code: "storage_away" }] });
  await expect(openVisit("secret")).rejects.toMatchObject({ code: "storage_away" });
  sessionStorage.setItem(seatKey("a1"), "token");
  expect(await openVisit("secret")).toEqual({ token: "v1", page: { ...page, name: "햇살" } });
});

test("what was read for a seat stands in while the server is away, and never after a refusal", async () => {
  const read = (cause?: Problem) => readForSeat("a1", () => (cause ? Promise.reject(cause) : Promise.resolve({ title: "상담" })));
  await read();
  await expect(read(new Problem("storage_away", 503))).rejects.toMatchObject({ code: "storage_away" });
  sessionStorage.setItem(seatKey("a1"), "token");
  expect(await read(new Problem("storage_away", 503))).toEqual({ title: "상담" });
  await expect(read(new Problem("not_allowed", 403))).rejects.toMatchObject({ code: "not_allowed" });
});

test("a refused link carries its code and what it is about", async () => {
  serve({ "POST /api/join": [410, { code: "link_expired", details: { organisation: "한빛고용센터" } }] });
  const refusal = await openVisit("secret").catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Problem);
  expect(refusal).toMatchObject({ code: "link_expired", status: 410, details: { organisation: "한빛고용센터" } });
});
