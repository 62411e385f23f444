/** The agenda (상담 순서, 면접 질문, 진행 순서) with minutes. It saves itself, and a running call receives it. */
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { asProblem } from "../../net/problem";
import { Card } from "../../elements/card";
import { DraftStatusLine } from "../desk/draft-status";
import { Empty } from "../desk/fetched";
import { useDraft } from "../desk/use-draft";
import page from "../desk/fields.module.css";
import { AgendaItems, type AgendaLine } from "./agenda-items";
import css from "./agenda-items.module.css";
import { appointmentQuery, isAhead, isLive, type AppointmentCard } from "./queries";

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
  const draft = useDraft<readonly AgendaLine[], null>(`appointments/${card.id}/agenda`, {
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
  return (
    <>
      {draft.value.length === 0 && <Empty>{t("agenda.empty")}</Empty>}
      <AgendaItems
        items={draft.value}
        onChange={draft.change}
        most={MOST_ITEMS}
        mostMinutes={MOST_MINUTES}
        foot={<DraftStatusLine status={draft.status} error={draft.error} />}
      />
    </>
  );
}
