/** How far the playable file is: which step, how much of it, and that one may leave. */
import { ProgressBar } from "react-aria-components/ProgressBar";
import { Label } from "react-aria-components/Label";
import { useTranslation } from "react-i18next";
import { Card } from "../../elements/card";
import page from "../desk/fields.module.css";
import css from "./progress.module.css";
import type { RecordingView } from "./recording";

const STEPS = ["compose", "attach"] as const;

export function Progress({ recording }: { recording: RecordingView }) {
  const { t } = useTranslation("records");
  const step = STEPS.find((name) => name === recording.job?.step) ?? STEPS[0];
  const share = recording.job?.progress ?? 0;
  return (
    <Card title={t("progress.title")}>
      <ol className={css.steps}>
        {STEPS.map((name, index) => (
          <li key={name} aria-current={name === step ? "step" : undefined} data-done={index < STEPS.indexOf(step) || undefined}>
            {t(`progress.step.${name}`)}
          </li>
        ))}
      </ol>
      <ProgressBar className={css.bar ?? ""} value={share * 100}>
        {({ percentage, valueText }) => (
          <>
            <Label>{t(`progress.step.${step}`)}</Label>
            <span className={page.number}>{valueText}</span>
            <span className={css.rail}><span className={css.fill} style={{ inlineSize: `${percentage ?? 0}%` }} /></span>
          </>
        )}
      </ProgressBar>
      <p className={page.small}>{t("progress.may_leave")}</p>
    </Card>
  );
}
