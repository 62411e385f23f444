/** A kit to begin with: four questions and three attributes that fit most work. Everything of it may be changed. */
import { useTranslation } from "react-i18next";
import type { components } from "../../net/api.gen";
import type { AgendaLine } from "../appointments/agenda-items";

export interface AttributeLine {
  readonly id: string;
  readonly name: string;
  readonly anchors: components["schemas"]["AnchorsBody"];
}

const QUESTIONS = [["introduction", 3], ["experience", 5], ["difficulty", 5], ["theirs", 3]] as const;
const ATTRIBUTES = ["work", "communication", "cooperation"] as const;

export function useTemplate() {
  const { t } = useTranslation("hiring");
  return {
    questions: (): AgendaLine[] => QUESTIONS.map(([key, minutes]) => ({ id: crypto.randomUUID(), text: t(`template.question.${key}`), minutes })),
    attributes: (): AttributeLine[] =>
      ATTRIBUTES.map((key) => ({
        id: crypto.randomUUID(),
        name: t(`template.${key}.name`),
        anchors: { "1": t(`template.${key}.low`), "3": t(`template.${key}.middle`), "5": t(`template.${key}.high`) },
      })),
  };
}
