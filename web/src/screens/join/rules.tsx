/** A group's ground rules, accepted once, and the name the others will see. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Checkbox } from "../../elements/choice";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { acceptRules, type Visit, type VisitAnswer } from "../../net/visit";
import { StepPage, type Place } from "./step-page";
import css from "./rules.module.css";

const LONGEST_NAME = 20;

interface RulesProps {
  visit: Visit;
  place: Place;
  onAccepted: (page: VisitAnswer) => void;
}

export function Rules({ visit: { token, page }, place, onAccepted }: RulesProps) {
  const { t } = useTranslation("join");
  const [name, setName] = useState(page.display_name);
  const [agreed, setAgreed] = useState(page.rules.accepted_at !== null);
  const [missing, setMissing] = useState(false);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const accept = async () => {
    if (!agreed) return setMissing(true);
    setPending(true);
    setError(null);
    try {
      onAccepted(await acceptRules(token, name.trim() || null));
    } catch (cause) {
      setError(cause);
      setPending(false);
    }
  };
  return (
    <StepPage page={page} place={place} title={t("rules.title")}>
      <Card>
        <p>{t("rules.intro")}</p>
        <ul className={css.rules}>
          <li>{t("rules.confidential")}</li>
          <li>{t("rules.no_recording")}</li>
          <li>{t("rules.alone")}</li>
          <li>{t("rules.respect")}</li>
        </ul>
        <Checkbox
          isSelected={agreed}
          onChange={(now) => {
            setAgreed(now);
            setMissing(false);
          }}
        >
          {t("rules.agree")}
        </Checkbox>
        {missing && (
          <p className={css.missing} role="alert">
            {t("rules.missing")}
          </p>
        )}
      </Card>
      <Card title={t("rules.name_title")}>
        <Field label={t("rules.name")} help={t("rules.name_help")} value={name} onChange={setName} maxLength={LONGEST_NAME} autoComplete="off" />
      </Card>
      {error !== null && <ProblemBanner area="join" error={error} />}
      <Button tone="primary" wide pending={pending} onPress={() => void accept()}>
        {t("rules.next")}
      </Button>
    </StepPage>
  );
}
