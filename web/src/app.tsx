/** The routes inside what every page shares. */
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Route, Switch } from "wouter";
import { AnnouncerProvider } from "./elements/announcer";
import { AppearanceProvider } from "./elements/appearance";
import { Button } from "./elements/button";
import { FaultBoundary } from "./elements/fault-boundary";
import { Loading, Page, PageTitle } from "./elements/page";
import { routes } from "./routes";
import { NotFound } from "./screens/not-found";

export function App() {
  return (
    <AppearanceProvider>
      <AnnouncerProvider>
        <FaultBoundary fallback={() => <BrokenPage />}>
          <Suspense fallback={<Page><Loading /></Page>}>
            <Switch>
              {routes.map(({ path, screen }) => (
                <Route key={path} path={path} component={screen} />
              ))}
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </FaultBoundary>
      </AnnouncerProvider>
    </AppearanceProvider>
  );
}

function BrokenPage() {
  const { t } = useTranslation();
  return (
    <Page>
      <PageTitle>{t("broken.title")}</PageTitle>
      <p>{t("broken.body")}</p>
      <Button tone="primary" wide onPress={() => location.reload()}>
        {t("action.reload")}
      </Button>
    </Page>
  );
}
