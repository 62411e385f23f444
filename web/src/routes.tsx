/** Which screen stands at which address. Every area is a chunk of its own; a seeker's phone fetches only the seeker's way. */
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface ScreenRoute {
  /** wouter pattern. */
  path: string;
  screen: LazyExoticComponent<ComponentType>;
}

export const routes: readonly ScreenRoute[] = [
  { path: "/join", screen: lazy(() => import("./screens/join/join")) },
  { path: "/room/:id", screen: lazy(() => import("./screens/room/staff-room")) },
];
