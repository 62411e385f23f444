/** For component tests: a page as a signed-in person sees it, with the real client and a server that the test speaks for. */
import { newServer, type DeskServer } from "./desk-server";
import type { ReactNode } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { vi } from "vitest";
import { AnnouncerProvider } from "../../elements/announcer";
import { SignedIn, type Me } from "./session";

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000 });

export const KIM: Me = {
  id: "1".repeat(32),
  name: "김견본",
  lang: "ko",
  role: "counsellor",
  group_seats: 20,
  has_samples: false,
  tenant: { id: "9".repeat(32), kind: "centre", name: "견본고용센터", phone: "0212345678", zone: "Asia/Seoul" },
};

export const LEE: Me = { ...KIM, id: "2".repeat(32), name: "이견본", role: "lead_interviewer", tenant: { ...KIM.tenant, kind: "employer" } };

/** Shows the page once the server has said everything that `prepare` lets it say. */
export function show(page: ReactNode, prepare: (server: DeskServer) => void, me: Me = KIM) {
  const server = newServer().on("GET /api/session", me);
  prepare(server);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <AnnouncerProvider>
        <SignedIn>{page}</SignedIn>
      </AnnouncerProvider>
    </QueryClientProvider>,
  );
  return { server, client, user: userEvent.setup({ delay: null }) };
}
