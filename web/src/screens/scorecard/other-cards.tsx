/** The other interviewers' cards, side by side and never added up. Until one's own is submitted the server sends none. */
import { useQuery } from "@tanstack/react-query";
import { EyeOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { Banner } from "../../elements/banner";
import { Card } from "../../elements/card";
import { appointmentQuery, hostsOf } from "../appointments/queries";
import { Fetched } from "../desk/fetched";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import css from "./scorecard.module.css";
import type { ScorecardView } from "./scorecard";

export function OtherCards({ appointmentId, kit, submitted }: { appointmentId: string; kit: ScorecardView["kit"]; submitted: boolean }) {
  const { t } = useTranslation("hiring");
  if (!submitted) {
    return (
      <Card title={t("others.title")}>
        <p className={css.hidden}><EyeOff size={20} aria-hidden="true" />{t("others.hidden")}</p>
      </Card>
    );
  }
  return <ShownCards appointmentId={appointmentId} kit={kit} />;
}

function ShownCards({ appointmentId, kit }: { appointmentId: string; kit: ScorecardView["kit"] }) {
  const { t } = useTranslation("hiring");
  const others = useQuery({
    queryKey: ["scorecards", appointmentId, "others"],
    queryFn: () => answer(api.GET("/api/appointments/{appointment_id}/scorecards", { params: { path: { appointment_id: appointmentId } } })),
  });
  return (
    <Card title={t("others.title")}>
      <Fetched query={others}>
        {(cards) => (
          <>
            {cards.map((card) => (
              <section key={card.interviewer.id} className={css.other}>
                <h3>{card.interviewer.name}</h3>
                <dl className={page.facts}>
                  {kit.attributes.map(({ id, name }) => (
                    <div key={id} className={css.pair}>
                      <dt>{name}</dt>
                      <dd>{card.ratings[id] === undefined ? "–" : t("scorecard.points", { rating: card.ratings[id] })}</dd>
                    </div>
                  ))}
                </dl>
                {card.recommendation !== null && <p>{t(`recommendation.${card.recommendation}`)}</p>}
                {card.comment !== "" && <p className={page.text}>{card.comment}</p>}
              </section>
            ))}
            <Missing appointmentId={appointmentId} submitted={cards.map(({ interviewer }) => interviewer.id)} />
          </>
        )}
      </Fetched>
    </Card>
  );
}

/** Who of the panel has not submitted yet. */
function Missing({ appointmentId, submitted }: { appointmentId: string; submitted: readonly string[] }) {
  const { t } = useTranslation("hiring");
  const me = useMe();
  const appointment = useQuery(appointmentQuery(appointmentId));
  const panel = appointment.data === undefined ? [] : hostsOf(appointment.data);
  const missing = panel.filter(({ person_id }) => person_id !== me.id && !submitted.includes(person_id));
  if (missing.length === 0) return null;
  return <Banner title={t("others.missing", { names: missing.map(({ name }) => name).join(", ") })} />;
}
