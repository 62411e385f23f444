/** The desk: everything members of staff see. Its pages live under one address, behind the sign-in, with one cache. */
import { lazy, Suspense, useEffect, useState } from "react";
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { Redirect, Route, Switch } from "wouter";
import { Loading, Page } from "../../elements/page";
import { asProblem } from "../../net/problem";
import { NotFound } from "../not-found";
import { DeskFrame } from "./frame";
import { followDesk } from "./news";
import { operates } from "./may";
import { sessionQuery, SignedIn, useMe } from "./session";
import { Today } from "./today";

const RETRIES = 2;
const FRESH_MS = 30_000;

const pages = [
  { path: "/desk/seekers", page: lazy(() => import("../seekers/seekers")) },
  { path: "/desk/book", page: lazy(() => import("../appointments/book")) },
  { path: "/desk/appointments", page: lazy(() => import("../appointments/appointments")) },
  { path: "/desk/appointments/:id", page: lazy(() => import("../appointments/appointment")) },
  { path: "/desk/appointments/:id/after", page: lazy(() => import("../after/after")) },
  { path: "/desk/appointments/:id/roster", page: lazy(() => import("../group/roster")) },
  { path: "/desk/appointments/:id/scorecard", page: lazy(() => import("../scorecard/scorecard")) },
  { path: "/desk/cases/:id", page: lazy(() => import("../case/case")) },
  { path: "/desk/recordings/:id", page: lazy(() => import("../recording/recording")) },
  { path: "/desk/summaries/:id", page: lazy(() => import("../summary/summary")) },
  { path: "/desk/notes/:id", page: lazy(() => import("../note/note")) },
  { path: "/desk/board", page: lazy(() => import("../board/board")) },
  { path: "/desk/postings", page: lazy(() => import("../postings/postings")) },
  { path: "/desk/postings/new", page: lazy(() => import("../postings/new-posting")) },
  { path: "/desk/postings/:id/edit", page: lazy(() => import("../postings/edit-posting")) },
  { path: "/desk/postings/:id/book", page: lazy(() => import("../postings/book-row")) },
  { path: "/desk/postings/:id", page: lazy(() => import("../postings/posting")) },
] as const;

export default function Desk() {
  const [client] = useState(newClient);
  return (
    <QueryClientProvider client={client}>
      <SignedIn>
        <News />
        <Suspense fallback={<Page width="desk"><Loading /></Page>}>
          <Switch>
            <Route path="/"><Redirect to="/desk" replace /></Route>
            <Route path="/desk"><DeskFrame><Home /></DeskFrame></Route>
            {pages.map(({ path, page: Screen }) => (
              <Route key={path} path={path}>
                {(at) => <DeskFrame><Suspense fallback={<Loading />}><Screen key={JSON.stringify(at)} id={"id" in at ? at.id : ""} /></Suspense></DeskFrame>}
              </Route>
            ))}
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </SignedIn>
    </QueryClientProvider>
  );
}

/** Operators have no day of appointments: theirs begins with the nodes. */
function Home() {
  return operates(useMe()) ? <Redirect to="/desk/board" replace /> : <Today />;
}

/** News begin and end with the session: without one the socket would only be refused. */
function News() {
  const client = useQueryClient();
  const signedIn = useQuery(sessionQuery).data !== null;
  useEffect(() => (signedIn ? followDesk(client) : undefined), [client, signedIn]);
  return null;
}

function newClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        refetchOnWindowFocus: false, // news say what changed; a read of a record is audited and not repeated idly
        retry: (failures, error) => failures < RETRIES && mayPass(asProblem(error).status),
      },
    },
  });
}

/** No answer, or the server's own trouble, may pass; a refusal does not. */
const mayPass = (status: number) => status === 0 || status >= 500;
