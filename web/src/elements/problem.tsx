/** Says a `Problem` in words: what happened, what to do. An unknown code falls back to the general text. */
import type { CustomTypeOptions } from "i18next";
import { useTranslation } from "react-i18next";
import { asProblem } from "../net/problem";
import { Banner } from "./banner";
import { Button } from "./button";

type TextArea = keyof CustomTypeOptions["resources"];

/** Finds the text of a problem's code: the area's own words first, then the common ones. */
export function useProblemText(area?: TextArea) {
  const { t, i18n } = useTranslation();
  // An area's texts are fetched when first asked for, and a problem may be the first thing that a page has to say.
  useTranslation(area);
  // The code comes from the server, so its key cannot be known to the compiler; exists() asks at run time.
  const say = i18n.t as unknown as (key: string, options: object) => string;
  return (error: unknown): string => {
    const { code, details } = asProblem(error);
    const areas: TextArea[] = area === undefined ? ["common"] : [area, "common"];
    const ns = areas.find((name) => i18n.exists(`problem.${code}`, { ns: name }));
    return ns === undefined ? t("problem.unexpected") : say(`problem.${code}`, { ...details, ns });
  };
}

export function ProblemBanner({ error, area, onRetry }: { error: unknown; area?: TextArea; onRetry?: () => void }) {
  const { t } = useTranslation();
  const text = useProblemText(area);
  return (
    <Banner
      tone="danger"
      live
      title={t("problem.title")}
      action={onRetry && <Button onPress={onRetry}>{t("action.retry")}</Button>}
    >
      <p>{text(error)}</p>
    </Banner>
  );
}
