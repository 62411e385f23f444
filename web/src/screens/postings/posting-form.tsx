/** The form of a posting: its title, the questions every candidate is asked, and what every scorecard judges by. */
import { useState, type FormEvent } from "react";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { AgendaItems, type AgendaLine } from "../appointments/agenda-items";
import { Empty } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import page from "../desk/fields.module.css";
import css from "./posting-form.module.css";
import { useTemplate, type AttributeLine } from "./template";

type PostingBody = components["schemas"]["PostingBody"];

const MOST_QUESTIONS = 30;
const MOST_MINUTES = 60;
const MOST_ATTRIBUTES = 12;
const TITLE_CHARACTERS = 100;
const NAME_CHARACTERS = 60;
const ANCHOR_CHARACTERS = 200;
const ANCHORED = ["1", "3", "5"] as const;

export interface PostingFields {
  readonly title: string;
  readonly questions: readonly AgendaLine[];
  readonly attributes: readonly AttributeLine[];
}

export function PostingForm({ start, help, submitText, backTo, pending, error, onSubmit }: {
  start: PostingFields;
  /** What an edit leaves alone. */
  help?: string;
  submitText: string;
  backTo: string;
  pending: boolean;
  error: unknown;
  onSubmit: (body: PostingBody) => void;
}) {
  const { t } = useTranslation("hiring");
  const { t: common } = useTranslation();
  const template = useTemplate();
  const [fields, setFields] = useState(start);
  const change = (part: Partial<PostingFields>) => setFields({ ...fields, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({
      title: fields.title,
      questions: fields.questions.filter(({ text }) => text.trim() !== "").map(({ text, minutes }) => ({ text, minutes })),
      attributes: fields.attributes.map(({ name, anchors }) => ({ name, anchors })),
    });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <Card>
        <Field label={t("form.title")} help={t("form.title_help")} maxLength={TITLE_CHARACTERS} isRequired value={fields.title} onChange={(title) => change({ title })} />
      </Card>
      <Card title={t("posting.questions")}>
        <p className={page.small}>{t("form.questions_help")}</p>
        {fields.questions.length === 0 && (
          <Empty action={<Button onPress={() => change({ questions: template.questions() })}>{t("form.sample_questions")}</Button>}>{t("posting.no_questions")}</Empty>
        )}
        <AgendaItems items={fields.questions} onChange={(questions) => change({ questions })} most={MOST_QUESTIONS} mostMinutes={MOST_MINUTES} />
      </Card>
      <Card title={t("posting.attributes")}>
        <p className={page.small}>{t("form.attributes_help")}</p>
        {fields.attributes.length === 0 && (
          <Empty action={<Button onPress={() => change({ attributes: template.attributes() })}>{t("form.sample_attributes")}</Button>}>{t("posting.no_attributes")}</Empty>
        )}
        <Attributes lines={fields.attributes} onChange={(attributes) => change({ attributes })} />
      </Card>
      {help !== undefined && <p className={page.small}>{help}</p>}
      {error !== null && error !== undefined && <ProblemBanner error={error} area="desk" />}
      <div className={page.actions}>
        <Button type="submit" tone="primary" pending={pending}>{submitText}</Button>
        <ButtonTo href={backTo}>{common("action.cancel")}</ButtonTo>
      </div>
    </form>
  );
}

function Attributes({ lines, onChange }: { lines: readonly AttributeLine[]; onChange: (lines: readonly AttributeLine[]) => void }) {
  const { t } = useTranslation("hiring");
  const change = (index: number, part: Partial<AttributeLine>) => onChange(lines.map((line, at) => (at === index ? { ...line, ...part } : line)));
  return (
    <>
      {lines.map((line, index) => (
        <fieldset key={line.id} className={css.attribute}>
          <legend className="visually-hidden">{t("form.attribute", { number: index + 1 })}</legend>
          <div className={css.name}>
            <Field label={t("form.attribute", { number: index + 1 })} maxLength={NAME_CHARACTERS} isRequired value={line.name} onChange={(name) => change(index, { name })} />
            <Button small tone="quiet" aria-label={t("form.remove_attribute", { number: index + 1 })} onPress={() => onChange(lines.filter((_, at) => at !== index))}>
              <Trash2 size={18} aria-hidden="true" />
            </Button>
          </div>
          <div className={css.anchors}>
            {ANCHORED.map((rating) => (
              <Field
                key={rating}
                label={t("form.anchor", { rating })}
                rows={2}
                maxLength={ANCHOR_CHARACTERS}
                isRequired
                value={line.anchors[rating]}
                onChange={(text) => change(index, { anchors: { ...line.anchors, [rating]: text } })}
              />
            ))}
          </div>
        </fieldset>
      ))}
      <div className={page.actions}>
        <Button
          icon={<Plus size={18} aria-hidden="true" />}
          isDisabled={lines.length >= MOST_ATTRIBUTES}
          onPress={() => onChange([...lines, { id: crypto.randomUUID(), name: "", anchors: { "1": "", "3": "", "5": "" } }])}
        >
          {t("form.add_attribute")}
        </Button>
      </div>
    </>
  );
}
