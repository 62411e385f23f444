import { expect, test } from "vitest";
import { once } from "./once";
import { Problem } from "./problem";

/** A server that answers as told, one answer for each request; it notes the keys. */
function server(...answers: (Problem | "made")[]) {
  const keys: string[] = [];
  const create = once((_: unknown, key: { "Idempotency-Key": string }) => {
    keys.push(key["Idempotency-Key"]);
    const answer = answers.shift();
    return answer instanceof Problem ? Promise.reject(answer) : Promise.resolve("made");
  });
  return { keys, ask: (wish: unknown) => create(wish).catch((error: unknown) => (error as Problem).code) };
}

const WISH = { name: "견본" };

test.each([new Problem("offline", 0), new Problem("unexpected", 500), new Problem("storage_away", 503)])(
  "a wish whose answer was lost ($code) is asked for again with the same key",
  async (lost) => {
    const { keys, ask } = server(lost, lost, "made");
    await ask(WISH);
    await ask(WISH);
    expect(await ask({ ...WISH })).toBe("made");
    expect(new Set(keys).size).toBe(1);
  },
);

test("what was refused or made is asked for anew, and so is another wish", async () => {
  const { keys, ask } = server(new Problem("host_busy", 409), "made", new Problem("offline", 0), "made");
  await ask(WISH);
  await ask(WISH);
  await ask(WISH);
  await ask({ name: "다른 견본" });
  expect(new Set(keys).size).toBe(4);
});

test("a file that is chosen again is the same wish, another file is not", async () => {
  const lost = new Problem("offline", 0);
  const { keys, ask } = server(lost, lost, "made");
  const resume = () => new File(["words"], "resume.pdf", { lastModified: 1 });
  await ask({ file: resume() });
  await ask({ file: resume() });
  await ask({ file: new File(["other words"], "resume.pdf", { lastModified: 2 }) });
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[1]);
});

test("two presses of one button are one request", async () => {
  const { keys, ask } = server("made", "made");
  await Promise.all([ask(WISH), ask(WISH)]);
  expect(new Set(keys).size).toBe(1);
});
