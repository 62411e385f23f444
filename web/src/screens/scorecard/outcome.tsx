/** The outcome of an application: what a person decided, when; or the form to decide, where nobody has and this person may. */
import { useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { Badge, Card } from "../../elements/card";
import { Button } from "../../elements/button";
import { useKeptFocus } from "../../elements/use-kept-focus";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";

type Standing = components["schemas"]["StandingDecision"];

/** `form` is for whoever may decide. */
export function Outcome({ standing, form }: { standing: Standing | null; form: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useKeptFocus(place, place);
  return (
    <div ref={place} tabIndex={-1} className={page.column}>
      {standing === null ? form : <Decided key={standing.decided_at} standing={standing} form={form} />}
    </div>
  );
}

function Decided({ standing, form }: { standing: Standing; form: ReactNode }) {
  const { t } = useTranslation("hiring");
  const moments = useMomentsIn(useMe().tenant.zone);
  const [changing, setChanging] = useState(false);
  const { decision, decided_by, decided_at, reason } = standing;
  return (
    <>
      <Card title={t("outcome.title")} actions={<Badge>{t(`decision.${decision}`)}</Badge>}>
        {decided_at !== null && <p>{t("outcome.by", { name: decided_by?.name ?? "", at: moments.dayTime(decided_at) })}</p>}
        {reason !== null && <p className={page.text}>{t("outcome.because", { reason })}</p>}
        {form !== null && !changing && (
          <div className={page.actions}>
            <Button onPress={() => setChanging(true)}>{t("outcome.change")}</Button>
          </div>
        )}
      </Card>
      {changing && form}
    </>
  );
}
