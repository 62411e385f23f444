/** One consent item in plain words, with the answer asked for it alone. */
import { useTranslation } from "react-i18next";
import { RadioGroup } from "../../elements/choice";
import css from "./consent-item.module.css";

export interface Wording {
  title: string;
  purpose: string;
  data: string;
  recipients: string;
  until: string;
  refusing: string;
  note: string;
}

/** The words of an item in the language of the page; they come from the server, with their version. */
export function wordingOf(item: object, language: string): Wording {
  const byLanguage = item as Record<string, Partial<Wording> | undefined>;
  const words = byLanguage[language === "en" ? "en" : "ko"] ?? {};
  return { title: "", purpose: "", data: "", recipients: "", until: "", refusing: "", note: "", ...words };
}

export type ItemAnswer = "granted" | "refused";

interface ConsentItemFieldsProps {
  wording: Wording;
  value: ItemAnswer | "later" | null;
  onChange: (answer: ItemAnswer) => void;
  /** Within a dialog of the room: the title stands with the answers, and all that is said of the item below them. */
  compact?: boolean;
}

export function ConsentItemFields({ wording, value, onChange, compact }: ConsentItemFieldsProps) {
  const { t } = useTranslation("join");
  const said = <Said wording={wording} />;
  return (
    <section className={css.item}>
      {!compact && (
        <>
          <h2 className={css.title}>{wording.title}</h2>
          {said}
        </>
      )}
      <RadioGroup<ItemAnswer>
        inline
        label={wording.title}
        labelHidden={!compact}
        choices={[
          { value: "granted", text: t("consent.granted") },
          { value: "refused", text: t("consent.refused") },
        ]}
        value={value === "later" ? null : value}
        onChange={onChange}
      />
      {compact && said}
    </section>
  );
}

/** What whoever answers must know: an answer is given to this whole text, wherever it is asked. */
function Said({ wording }: { wording: Wording }) {
  const { t } = useTranslation("join");
  return (
    <>
      <dl className={css.details}>
        {(["purpose", "data", "recipients", "until"] as const).map((part) => (
          <div key={part}>
            <dt>{t(`consent.${part}`)}</dt>
            <dd>{wording[part]}</dd>
          </div>
        ))}
      </dl>
      {wording.note !== "" && <p className={css.note}>{wording.note}</p>}
      <p className={css.note}>{wording.refusing}</p>
    </>
  );
}
