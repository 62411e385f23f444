import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IceServers } from "./ice-servers";

const given = (username: string, ice_refresh_s: number | null = 300) => ({
  ice_servers: [{ urls: ["turns:turn.example:443?transport=tcp"], username, credential: "c" }],
  ice_refresh_s,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("credentials are replaced when they are half used up, again and again", async () => {
  const answers = ["second", "third"];
  const servers = new IceServers(() => Promise.resolve(given(answers.shift() ?? "")));
  servers.take(given("first"));
  await vi.advanceTimersByTimeAsync(299_000);
  expect(servers.current[0]?.username).toBe("first");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(servers.current[0]?.username).toBe("second");
  await vi.advanceTimersByTimeAsync(300_000);
  expect(servers.current[0]?.username).toBe("third");
  servers.close();
});

test("where the line is away when they are due, they are asked for until they come", async () => {
  const answers = [Promise.reject(new Error("away")), Promise.resolve(given("second"))];
  answers[0]?.catch(() => undefined);
  const servers = new IceServers(() => answers.shift() ?? Promise.reject(new Error("asked too often")));
  servers.take(given("first", 1));
  await vi.advanceTimersByTimeAsync(12_000);
  expect(servers.current[0]?.username).toBe("second");
  servers.close();
});

test("without a relay nothing is asked", async () => {
  const ask = vi.fn(() => Promise.resolve(given("never")));
  const servers = new IceServers(ask);
  servers.take({ ice_servers: [], ice_refresh_s: null });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(ask).not.toHaveBeenCalled();
  expect(servers.current).toEqual([]);
});
