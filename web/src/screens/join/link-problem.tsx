/** A link that does not open: what is wrong with it, what to do, whom to call. */
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Page, PageTitle } from "../../elements/page";
import { asProblem, centreOf } from "../../net/problem";

const KNOWN = ["link_garbled", "link_unknown", "link_revoked", "link_expired", "too_many_attempts", "offline"] as const;
type Known = (typeof KNOWN)[number];

/** What a moment may heal. */
const PASSING: readonly string[] = ["offline", "too_many_attempts", "away", "other"];

export function LinkProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation("join");
  const { t: tCommon } = useTranslation();
  const { code, status } = asProblem(error);
  const known: Known | "away" | "other" = KNOWN.find((one) => one === code) ?? (status >= 500 ? "away" : "other");
  return (
    <Page centre={centreOf(error)}>
      <PageTitle>{t(`link.${known}.title`)}</PageTitle>
      <Card>
        <p>{t(`link.${known}.body`)}</p>
        <p>{t("link.call")}</p>
      </Card>
      {PASSING.includes(known) && (
        <Button tone="primary" wide onPress={onRetry}>
          {tCommon("action.retry")}
        </Button>
      )}
    </Page>
  );
}
