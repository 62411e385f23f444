/** What saves itself at the desk, when its page is left for another and come back to. */
import { useState, type ReactNode } from "react";
import { fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import Note from "../note/note";
import Scorecard from "../scorecard/scorecard";
import Summary from "../summary/summary";
import { KIM, LEE, show } from "./show";
import type { DeskServer } from "./desk-server";

const AT = "2026-03-02T01:00:00Z";
const APPOINTMENT = { id: "a1", kind: "counselling", title: "", starts_at: AT };
const BY = { id: KIM.id, name: KIM.name };
const SEEKER = { id: "s1", name: "정견본" };
const NOTE = {
  ...{ id: "n1", case_id: "c1", appointment: APPOINTMENT, seeker: SEEKER, author: BY, text: "", version: 1 },
  ...{ status: "draft", locked: false, signed_at: null, updated_at: AT, amendments: [] },
};
const CARD = {
  ...{ appointment: { ...APPOINTMENT, kind: "interview" }, candidate: SEEKER, application_id: "p1", kit: { questions: [], attributes: [] } },
  ...{ ratings: {}, recommendation: null, comment: "", status: "draft", submitted_at: null, decision: null },
};
const LINE = { id: "l1", kind: "agenda", text_ko: "", text_en: "", at: null, at_s: null, evidence: [], author: null, by: null };
const SUMMARY = {
  ...{ id: "y1", appointment: APPOINTMENT, recording_id: null, lines: [LINE], version: 1 },
  ...{ status: "drafted", drafted_at: AT, approved_by: null, approved_at: null },
};

/** What is kept at this address, and whether anybody gets through to it. */
class Kept {
  line: "there" | "cut" | "signed out" = "there";
  constructor(readonly path: string, public is: Record<string, unknown>) {}

  serve(server: DeskServer): void {
    server
      .onAsk(`GET ${this.path}`, () => ({ body: this.is }))
      .onAsk(`PUT ${this.path}`, (change) => {
        if (this.line === "cut") throw new TypeError("offline");
        if (this.line === "signed out") return { status: 401, body: { code: "auth_required" } };
        this.is = { ...this.is, ...(change as object), ...("version" in this.is ? { version: Number(this.is.version) + 1 } : {}) };
        return { body: this.is };
      });
  }
}

/** The page, and a button that leads away from it and back. */
function Desk({ children }: { children: ReactNode }) {
  const [here, setHere] = useState(true);
  return <><button onClick={() => setHere(!here)}>다른 쪽</button>{here && children}</>;
}

const turn = () => fireEvent.click(screen.getByText("다른 쪽"));
const field = async (label: string) => await screen.findByLabelText<HTMLTextAreaElement>(label);
const write = async (label: string, value: string) => fireEvent.change(await field(label), { target: { value } });

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe.each([
  ["a session note", <Note id="n1" />, "상담 내용", "/api/notes/n1", NOTE, KIM],
  ["a scorecard", <Scorecard id="a1" />, "근거", "/api/appointments/a1/scorecard", CARD, LEE],
  ["a summary", <Summary id="y1" />, "1번째 줄", "/api/summaries/y1", SUMMARY, KIM],
])("%s", (_, page, label, path, before, me) => {
  const at = (kept: Kept) => show(<Desk>{page}</Desk>, (server) => kept.serve(server), me);

  test("whoever comes back finds what was saved, not what was read first", async () => {
    const kept = new Kept(path, before);
    at(kept);
    await write(label, "저장한 말");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(JSON.stringify(kept.is)).toContain("저장한 말");
    turn();
    turn();
    expect((await field(label)).value).toBe("저장한 말");
  });

  test("words written while the line was cut are saved when it is back, though their page was left", async () => {
    const kept = new Kept(path, before);
    at(kept);
    await write(label, "끊긴 동안의 말");
    kept.line = "cut";
    turn();
    await vi.advanceTimersByTimeAsync(1_000);
    kept.line = "there";
    await vi.advanceTimersByTimeAsync(6_000);
    expect(JSON.stringify(kept.is)).toContain("끊긴 동안의 말");
  });

  test("whoever comes back before that finds them", async () => {
    const kept = new Kept(path, before);
    at(kept);
    kept.line = "cut";
    await write(label, "끊긴 동안의 말");
    turn();
    await vi.advanceTimersByTimeAsync(1_000);
    turn();
    expect((await field(label)).value).toBe("끊긴 동안의 말");
    kept.line = "there";
    await vi.advanceTimersByTimeAsync(6_000);
    expect(JSON.stringify(kept.is)).toContain("끊긴 동안의 말");
  });

  test("words left behind are not tried again once nobody is signed in: the next may be somebody else", async () => {
    const kept = new Kept(path, before);
    at(kept);
    await write(label, "앞사람의 말");
    kept.line = "signed out";
    turn();
    await vi.advanceTimersByTimeAsync(1_000);
    kept.line = "there";
    await vi.advanceTimersByTimeAsync(60_000);
    expect(JSON.stringify(kept.is)).not.toContain("앞사람의 말");
    turn();
    expect((await field(label)).value).toBe("앞사람의 말");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(JSON.stringify(kept.is)).toContain("앞사람의 말");
  });
});
