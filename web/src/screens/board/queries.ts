/** The live board as the server tells it; read again by itself. */
import { queryOptions } from "@tanstack/react-query";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";

export type BoardRoom = components["schemas"]["BoardRoom"];
export type BoardSeat = components["schemas"]["BoardSeat"];
export type BoardNode = components["schemas"]["BoardNode"];
export type CountedRoom = components["schemas"]["CountedRoom"];
export type SentFigures = components["schemas"]["SentFigures"];
export type ReceivedFigures = components["schemas"]["ReceivedFigures"];
export type SeatFigures = components["schemas"]["SeatFigures"];

const AGAIN_MS = 3_000;

export const roomsQuery = queryOptions({
  queryKey: ["board", "rooms"],
  queryFn: () => answer(api.GET("/api/board")),
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});

export const tracksQuery = (appointment: string, seat: string) =>
  queryOptions({
    queryKey: ["board", "tracks", appointment, seat],
    queryFn: () =>
      answer(api.GET("/api/board/{appointment_id}/seats/{seat_id}", { params: { path: { appointment_id: appointment, seat_id: seat } } })),
    refetchInterval: AGAIN_MS,
    staleTime: 0,
  });

export const nodesQuery = queryOptions({
  queryKey: ["board", "nodes"],
  queryFn: () => answer(api.GET("/api/nodes")),
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});
