/** Five points side by side; beneath 1, 3 and 5 stands what they mean, so that two interviewers mean the same. */
import { useTranslation } from "react-i18next";
import { Label } from "react-aria-components/Label";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import css from "./rating-scale.module.css";

const RATINGS = [1, 2, 3, 4, 5] as const;

export function RatingScale({ label, anchors, value, onChange }: {
  label: string;
  anchors: Readonly<Record<string, string>>;
  value: number | null;
  onChange: (rating: number) => void;
}) {
  const { t } = useTranslation("hiring");
  return (
    <RadioGroup className={css.scale ?? ""} orientation="horizontal" value={value === null ? null : String(value)} onChange={(rating) => onChange(Number(rating))}>
      <Label className={css.label ?? ""}>{label}</Label>
      <div className={css.points}>
        {RATINGS.map((rating) => (
          <Radio key={rating} value={String(rating)} className={css.point ?? ""}>
            <strong>{t("scorecard.points", { rating })}</strong>
            <span className={css.anchor}>{anchors[rating] ?? ""}</span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
