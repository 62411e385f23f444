/** Consent to what can really happen, each item alone. Nothing is chosen beforehand; deciding later is as good an answer. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { ProblemBanner } from "../../elements/problem";
import { giveConsents, readVisit, type ConsentGiven, type Visit, type VisitAnswer } from "../../net/visit";
import { Problem } from "../../net/problem";
import { ConsentItemFields, wordingOf, type ItemAnswer } from "./consent-item";
import { StepPage, type Place } from "./step-page";

interface ConsentProps {
  visit: Visit;
  place: Place;
  onPage: (page: VisitAnswer) => void;
  onNext: () => void;
  onBack?: () => void;
}

export function Consent({ visit: { token, page }, place, onPage, onNext, onBack }: ConsentProps) {
  const { t, i18n } = useTranslation("join");
  const lang = i18n.language === "en" ? "en" : "ko";
  const { items, answers } = page.consent;
  const [chosen, setChosen] = useState<Record<string, ItemAnswer>>({});
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const standing = (item: (typeof items)[number]["item"]): ItemAnswer | null => {
    const answer = answers[item];
    return answer === "granted" ? "granted" : answer === undefined || answer === "unanswered" ? null : "refused";
  };
  const open = items.filter(({ item }) => chosen[item] === undefined && standing(item) === null).length;
  const save = async () => {
    setPending(true);
    setError(null);
    const given = Object.fromEntries(
      items.map(({ item }): [string, ConsentGiven] => [item, chosen[item] ?? standing(item) ?? "unanswered"]),
    );
    try {
      onPage(await giveConsents(token, page, given, lang));
      onNext();
    } catch (cause) {
      setError(cause);
      // The words were replaced meanwhile: show the new ones, and ask again.
      if (cause instanceof Problem && cause.code === "consent_text_changed") {
        setChosen({});
        await readVisit(token).then(onPage, () => undefined);
      }
    } finally {
      setPending(false);
    }
  };
  return (
    <StepPage page={page} place={place} title={t("consent.title")} {...(onBack && { onBack })}>
      <p>{t("consent.intro")}</p>
      {items.map((item) => (
        <Card key={item.item}>
          <ConsentItemFields
            wording={wordingOf(item, lang)}
            value={chosen[item.item] ?? standing(item.item)}
            onChange={(answer) => setChosen((all) => ({ ...all, [item.item]: answer }))}
          />
        </Card>
      ))}
      {error !== null && <ProblemBanner area="join" error={error} />}
      <Button tone="primary" wide pending={pending} onPress={() => void save()}>
        {open > 0 ? t("consent.next_later") : t("consent.next")}
      </Button>
    </StepPage>
  );
}
