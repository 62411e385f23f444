/** What only a person can settle: possible no-shows, summaries to approve, notes to sign, scorecards to submit. */
import { useTranslation } from "react-i18next";
import { Card } from "../../elements/card";
import { peopleText } from "../appointments/queries";
import { Due } from "./due";
import { Empty } from "./fetched";
import { PossibleNoShows } from "./possible-no-shows";
import type { TodayView } from "./today";

export function ToConfirm({ desk }: { desk: TodayView }) {
  const { t } = useTranslation("desk");
  const { possible_no_shows, unapproved, unsigned_notes, scorecards_due, zone } = desk;
  const nothing = possible_no_shows.length + unapproved.length + unsigned_notes.length + scorecards_due.length === 0;
  return (
    <Card title={t("today.confirm_title")}>
      {nothing && <Empty>{t("today.nothing_to_confirm")}</Empty>}
      <PossibleNoShows desk={desk} />
      <Due
        title={t("today.scorecards")}
        action={t("today.evaluate")}
        due={scorecards_due.map(({ appointment_id, name, starts_at }) => ({ href: `/desk/appointments/${appointment_id}/scorecard`, name, at: starts_at }))}
        zone={zone}
      />
      <Due
        title={t("today.unapproved")}
        action={t("today.review")}
        due={unapproved.map(({ id, name, starts_at }) => ({ href: `/desk/summaries/${id}`, name: peopleText(name.split(", "), t), at: starts_at }))}
        zone={zone}
      />
      <Due
        title={t("today.unsigned")}
        action={t("today.write")}
        due={unsigned_notes.map(({ id, name, starts_at }) => ({ href: `/desk/notes/${id}`, name, at: starts_at }))}
        zone={zone}
      />
    </Card>
  );
}
