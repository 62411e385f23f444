/** Who is signed in. Without a session the sign-in stands in the page's place, and what was being written waits behind it. */
import { createContext, use, useEffect, useState, type ReactNode } from "react";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "../../net/api.gen";
import { watchSignOut } from "../../net/desk";
import { answer, api } from "../../net/http";
import { asProblem } from "../../net/problem";
import { Loading, Page } from "../../elements/page";
import { SignIn } from "../sign-in/sign-in";
import { FetchedPage } from "./fetched";

export type Me = components["schemas"]["Me"];

const Context = createContext<Me | null>(null);

/** The person at the desk. Only inside `SignedIn`. */
export function useMe(): Me {
  const me = use(Context);
  if (me === null) throw new Error("nobody is signed in here");
  return me;
}

/** Nobody signed in is an answer, not an error. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: Infinity,
  queryFn: async (): Promise<Me | null> => {
    try {
      return await answer(api.GET("/api/session"));
    } catch (error) {
      if (asProblem(error).status === 401) return null;
      throw error;
    }
  },
});

export function SignedIn({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const session = useQuery(sessionQuery);
  const [known, setKnown] = useState<Me | null>(null);
  if (session.data && session.data !== known) setKnown(session.data);
  useEffect(() => watchSignOut(() => client.setQueryData(sessionQuery.queryKey, null)), [client]);
  const signedOut = session.data === null;
  return (
    <>
      {session.data === undefined && <Page staff>{session.isError ? <FetchedPage query={session}>{() => null}</FetchedPage> : <Loading />}</Page>}
      {signedOut && <SignIn before={known} />}
      {known !== null && (
        // Another person never finds the first one's half-written page: the key ends it.
        <div key={known.id} hidden={signedOut}>
          <Context value={known}>{children}</Context>
        </div>
      )}
    </>
  );
}
