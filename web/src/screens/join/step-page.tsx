/** The frame of a step: which step of how many, its title, a way back. */
import type { ReactNode } from "react";
import { ArrowLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../elements/button";
import { Page, PageTitle } from "../../elements/page";
import type { VisitAnswer } from "../../net/visit";
import css from "./step-page.module.css";

export interface Place {
  number: number;
  of: number;
}

interface StepPageProps {
  page: VisitAnswer;
  place: Place;
  title: string;
  onBack?: () => void;
  children: ReactNode;
}

export function StepPage({ page, place, title, onBack, children }: StepPageProps) {
  const { t } = useTranslation("join");
  return (
    <Page centre={{ name: page.appointment.organisation, phone: page.appointment.phone }}>
      <div className={css.head}>
        {place.of > 1 && <p className={css.place}>{t("step", { number: place.number, of: place.of })}</p>}
        <PageTitle>{title}</PageTitle>
      </div>
      {children}
      {onBack !== undefined && (
        <div>
          <Button tone="quiet" icon={<ArrowLeft size={20} aria-hidden="true" />} onPress={onBack}>
            {t("back")}
          </Button>
        </div>
      )}
    </Page>
  );
}
