/** Postings as the desk reads them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";

export type PostingView = components["schemas"]["PostingView"];
export type Applicant = components["schemas"]["Applicant"];

const PAGE = 50;

/** The open ones; there are never more than fit on one page. */
export const postingsQuery = queryOptions({ queryKey: ["postings"], queryFn: () => answer(api.GET("/api/postings")) });

export const closedPostingsQuery = infiniteQueryOptions({
  queryKey: ["postings", "closed"],
  queryFn: ({ pageParam }) => answer(api.GET("/api/postings", { params: { query: { closed: true, skip: pageParam, limit: PAGE } } })),
  initialPageParam: 0,
  getNextPageParam: (last, pages) => (last.length < PAGE ? null : pages.length * PAGE),
});

export const postingQuery = (id: string) =>
  queryOptions({ queryKey: ["postings", id], queryFn: () => answer(api.GET("/api/postings/{posting_id}", { params: { path: { posting_id: id } } })) });
