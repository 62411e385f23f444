/** The agenda (상담 순서, 면접 질문, 진행 순서) with minutes. It saves itself, and a running call receives it. */
import { useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { asProblem } from "../../net/problem";
import { Button } from "../../elements/button";
import { Card } from "../../elements/card";
import { Field } from "../../elements/field";
import { DraftStatusLine } from "../desk/draft-status";
import { Empty } from "../desk/fetched";
import { useDraft } from "../desk/use-draft";
import page from "../desk/fields.module.css";
import css from "./agenda-editor.module.css";
import { appointmentQuery, isAhead, isLive, type AppointmentCard } from "./queries";

interface Item {
  readonly id: string;
  readonly text: string;
  readonly minutes: number;
}

const MOST_ITEMS = 50;
const MOST_MINUTES = 480;

export function AgendaEditor({ card, mayEdit }: { card: AppointmentCard; mayEdit: boolean }) {
  const { t } = useTranslation("booking");
  if (!mayEdit || (!isAhead(card) && !isLive(card))) return <ReadAgenda card={card} />;
  return (
    <Card title={t(`agenda.${card.kind}`)}>
      <EditedAgenda card={card} />
    </Card>
  );
}

function ReadAgenda({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  if (card.agenda.length === 0) return null;
  return (
    <Card title={t(`agenda.${card.kind}`)}>
      <ol className={css.read}>
        {card.agenda.map((item) => <li key={item.id}>{item.text} <span className={page.small}>{t("when.minutes", { minutes: item.minutes })}</span></li>)}
      </ol>
    </Card>
  );
}

function EditedAgenda({ card }: { card: AppointmentCard }) {
  const { t } = useTranslation("booking");
  const client = useQueryClient();
  const draft = useDraft<readonly Item[], null>({
    agreed: null,
    value: card.agenda,
    isFinal: (error) => asProblem(error).status === 409,
    save: async (items) => {
      const lines = items.filter(({ text }) => text.trim() !== "").map(({ text, minutes }) => ({ text, minutes }));
      const params = { path: { appointment_id: card.id } };
      client.setQueryData(appointmentQuery(card.id).queryKey, await answer(api.PUT("/api/appointments/{appointment_id}/agenda", { params, body: { items: lines } })));
      return null;
    },
  });
  const items = draft.value;
  const change = (index: number, part: Partial<Item>) => draft.change(items.map((item, at) => (at === index ? { ...item, ...part } : item)));
  const total = items.reduce((sum, { minutes }) => sum + minutes, 0);
  return (
    <>
      {items.length === 0 && <Empty>{t("agenda.empty")}</Empty>}
      <ol className={css.items}>
        {items.map((item, index) => (
          <li key={item.id} className={css.item}>
            <span className={css.number} aria-hidden="true">{index + 1}</span>
            <Field label={t("agenda.text", { number: index + 1 })} labelHidden maxLength={300} value={item.text} onChange={(text) => change(index, { text })} />
            <span className={css.minutes}>
              <Field
                label={t("agenda.minutes_of", { number: index + 1 })}
                labelHidden
                inputMode="numeric"
                value={String(item.minutes)}
                onChange={(typed) => change(index, { minutes: Math.min(Number(typed.replace(/\D/g, "")) || 0, MOST_MINUTES) })}
              />
              <span aria-hidden="true">{t("agenda.minutes")}</span>
            </span>
            <span className={css.actions}>
              <Button small tone="quiet" aria-label={t("agenda.up", { number: index + 1 })} isDisabled={index === 0} onPress={() => draft.change(swapped(items, index, index - 1))}><ArrowUp size={18} aria-hidden="true" /></Button>
              <Button small tone="quiet" aria-label={t("agenda.down", { number: index + 1 })} isDisabled={index === items.length - 1} onPress={() => draft.change(swapped(items, index, index + 1))}><ArrowDown size={18} aria-hidden="true" /></Button>
              <Button small tone="quiet" aria-label={t("agenda.remove", { number: index + 1 })} onPress={() => draft.change(items.filter((_, at) => at !== index))}><Trash2 size={18} aria-hidden="true" /></Button>
            </span>
          </li>
        ))}
      </ol>
      <div className={css.foot}>
        <Button
          icon={<Plus size={18} aria-hidden="true" />}
          isDisabled={items.length >= MOST_ITEMS}
          onPress={() => draft.change([...items, { id: crypto.randomUUID(), text: "", minutes: 5 }])}
        >
          {t("agenda.add")}
        </Button>
        <span className={page.small}>{t("agenda.total", { minutes: total })}</span>
        <DraftStatusLine status={draft.status} error={draft.error} />
      </div>
    </>
  );
}

const swapped = (items: readonly Item[], one: number, other: number): Item[] =>
  items.map((item, index) => (index === one ? items[other] ?? item : index === other ? items[one] ?? item : item));
