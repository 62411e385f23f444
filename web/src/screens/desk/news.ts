/** Which of the page's contents a change makes stale: overviews, and whatever mentions what changed. */
import type { QueryClient } from "@tanstack/react-query";
import { watchDesk, type Change } from "../../net/desk";
import { sessionQuery } from "./session";

const COALESCE_MS = 250;

/**
 * Overviews (a key of one word) may gain or lose a line by any change. Other content is fetched again only when it shows
 * the changed thing: reading a record is written to the audit trail, so nothing is read again without need.
 */
export function isStale(key: readonly unknown[], data: unknown, changed: ReadonlySet<string>): boolean {
  if (key[0] === "session") return false;
  if (key.length === 1) return true;
  const shown = JSON.stringify([key, data]) ?? "";
  return [...changed].some((id) => shown.includes(id));
}

/** Keeps what the client holds up to date until the returned function is called. */
export function followDesk(client: QueryClient): () => void {
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    timer = undefined;
    const ids = new Set(changed);
    changed.clear();
    void client.invalidateQueries({ predicate: (query) => isStale(query.queryKey, query.state.data, ids) });
  };
  const close = watchDesk({
    onChanged: ({ ids }: Change) => {
      ids.forEach((id) => changed.add(id));
      timer ??= setTimeout(refresh, COALESCE_MS);
    },
    onBack: () => void client.invalidateQueries(),
    onRefused: () => void client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  return () => {
    clearTimeout(timer);
    close();
  };
}
