/** The routes inside what every page shares. */
import { Suspense } from "react";
import { Route, Switch } from "wouter";
import { AnnouncerProvider } from "./elements/announcer";
import { AppearanceProvider } from "./elements/appearance";
import { Loading, Page } from "./elements/page";
import { routes } from "./routes";
import { NotFound } from "./screens/not-found";

export function App() {
  return (
    <AppearanceProvider>
      <AnnouncerProvider>
        <Suspense fallback={<Page><Loading /></Page>}>
          <Switch>
            {routes.map(({ path, screen }) => (
              <Route key={path} path={path} component={screen} />
            ))}
            <Route component={NotFound} />
          </Switch>
        </Suspense>
      </AnnouncerProvider>
    </AppearanceProvider>
  );
}
