/** Which screen stands at which address. Every area is a chunk of its own; a seeker's phone fetches only the seeker's way. */
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface ScreenRoute {
  /** wouter pattern. */
  path: string;
  screen: LazyExoticComponent<ComponentType>;
}

const desk = lazy(() => import("./screens/desk/desk"));

export const routes: readonly ScreenRoute[] = [
  { path: "/", screen: desk },
  { path: "/desk/*?", screen: desk },
  { path: "/shared", screen: lazy(() => import("./screens/shared/shared")) },
  { path: "/join", screen: lazy(() => import("./screens/join/join")) },
  { path: "/room/:id", screen: lazy(() => import("./screens/room/staff-room")) },
];
