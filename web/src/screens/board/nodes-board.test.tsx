import { expect, test } from "vitest";
import { screen } from "@testing-library/react";
import { KIM, show } from "../desk/show";
import { NodesBoard } from "./nodes-board";
import type { BoardNode } from "./queries";

const NOW = "2026-03-02T01:00:00Z";
const NODE: BoardNode = {
  name: "node-0", engine: "sfu", version: 1, seen_at: NOW, rooms: 1, seats: 2, seats_taken: 2, seat_capacity: 60, fullness: 0.1,
  packets_per_s: 512.4, packet_limit: null, late_s: 0, free_bytes: null, takes_rooms: true, leaving: false, drained_at: null, troubles: [],
};

const shown = async (node: BoardNode) => {
  show(<NodesBoard />, (server) => server.on("GET /api/nodes", { nodes: [node], rooms: [], now: NOW }), { ...KIM, role: "operator" });
  await screen.findByText("node-0");
};

test("a node tells how many packets it forwards, and how many it could", async () => {
  await shown({ ...NODE, packet_limit: 9_000 });
  expect(screen.getByText("전달 패킷").nextSibling?.textContent).toBe("초당 512개 (한도 약 9,000개)");
});

test("of a node whose engine does not count them no number is shown", async () => {
  await shown({ ...NODE, engine: "janus", packets_per_s: null });
  expect(screen.getByText("node-0")).toBeDefined();
  expect(screen.queryByText("전달 패킷")).toBeNull();
});
