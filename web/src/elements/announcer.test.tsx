/** A note on the page leaves it without a fault for assistive technology. */
import { useState } from "react";
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { expect, test } from "vitest";
import { AnnouncerProvider, useAnnouncer } from "./announcer";
import { Button } from "./button";

/** What axe finds; colours are for a real browser. */
async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document.body, { resultTypes: ["violations"], rules: { "color-contrast": { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** A step that takes a moment, says that it is done, and is gone. */
function Step() {
  const { note } = useAnnouncer();
  const [at, setAt] = useState<"before" | "pending" | "done">("before");
  const press = () => {
    if (at === "before") return setAt("pending");
    note("저장했습니다.");
    setAt("done");
  };
  return (
    <main>
      <h1>상담일지</h1>
      {at !== "done" && <Button pending={at === "pending"} onPress={press}>저장</Button>}
      {at === "pending" && <button onClick={press}>끝</button>}
    </main>
  );
}

test("a note is in a landmark of its own, and nothing nameless is left of the button that led to it", async () => {
  const user = userEvent.setup();
  render(<AnnouncerProvider><Step /></AnnouncerProvider>);
  await user.click(screen.getByRole("button", { name: "저장" }));
  await user.click(screen.getByRole("button", { name: "끝" }));
  expect(screen.getByRole("region", { name: "짧은 알림" }).textContent).toContain("저장했습니다.");
  expect(await faults()).toEqual([]);
});

test("without a note there is no empty landmark", () => {
  render(<AnnouncerProvider><Step /></AnnouncerProvider>);
  expect(screen.queryByRole("region")).toBeNull();
});
