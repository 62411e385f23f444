/** Date, time and length of an appointment, as wall-clock time of the centre. The server turns it into an instant. */
import type { CalendarDate, Time } from "@internationalized/date";
import { CalendarDays, ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components/Button";
import { Calendar, CalendarCell, CalendarGrid, CalendarGridBody, CalendarGridHeader, CalendarHeaderCell } from "react-aria-components/Calendar";
import { DateInput, DateSegment, TimeField } from "react-aria-components/TimeField";
import { DatePicker } from "react-aria-components/DatePicker";
import { Dialog } from "react-aria-components/Dialog";
import { Group } from "react-aria-components/Group";
import { Heading } from "react-aria-components/Heading";
import { Label } from "react-aria-components/Label";
import { Popover } from "react-aria-components/Popover";
import { Select } from "../../elements/select";
import css from "./when.module.css";

export interface When {
  date: CalendarDate | null;
  time: Time | null;
  minutes: number;
}

const LENGTHS_MINUTES = [15, 20, 30, 40, 50, 60, 90, 120, 180];

/** Local date and time without a zone, as the server reads it; null while something is missing. */
export const localTime = ({ date, time }: When): string | null =>
  date === null || time === null ? null : `${date.toString()}T${time.toString().slice(0, 5)}`;

export function WhenFields({ value, onChange, earliest, zone }: {
  value: When;
  onChange: (value: When) => void;
  earliest: CalendarDate;
  zone: string;
}) {
  const { t } = useTranslation("booking");
  const lengths = [...new Set([...LENGTHS_MINUTES, value.minutes])].sort((one, other) => one - other);
  return (
    <div className={css.when}>
      <DayField value={value.date} earliest={earliest} onChange={(date) => onChange({ ...value, date })} />
      <TimeField className={css.field ?? ""} hourCycle={24} value={value.time} onChange={(time) => onChange({ ...value, time })} isRequired>
        <Label className={css.label ?? ""}>{t("when.time")}</Label>
        <DateInput className={css.input ?? ""}>{(segment) => <DateSegment className={css.segment ?? ""} segment={segment} />}</DateInput>
      </TimeField>
      <Select
        label={t("when.length")}
        choices={lengths.map((minutes) => ({ id: String(minutes), text: t("when.minutes", { minutes }) }))}
        value={String(value.minutes)}
        onChange={(minutes) => onChange({ ...value, minutes: Number(minutes) })}
      />
      <p className={css.zone}>{t("when.zone", { zone })}</p>
    </div>
  );
}

function DayField({ value, earliest, onChange }: { value: CalendarDate | null; earliest: CalendarDate; onChange: (date: CalendarDate | null) => void }) {
  const { t } = useTranslation("booking");
  return (
    <DatePicker className={css.field ?? ""} value={value} onChange={onChange} minValue={earliest} isRequired>
      <Label className={css.label ?? ""}>{t("when.date")}</Label>
      <Group className={css.input ?? ""}>
        <DateInput className={css.segments ?? ""}>{(segment) => <DateSegment className={css.segment ?? ""} segment={segment} />}</DateInput>
        <Button className={css.open ?? ""} aria-label={t("when.open_calendar")}>
          <CalendarDays size={20} aria-hidden="true" />
        </Button>
      </Group>
      <Popover className={css.popover ?? ""}>
        <Dialog className={css.dialog ?? ""} aria-label={t("when.date")}>
          <Calendar>
            <header className={css.header}>
              <Button slot="previous" className={css.open ?? ""}><ChevronLeft size={20} aria-hidden="true" /></Button>
              <Heading className={css.month ?? ""} />
              <Button slot="next" className={css.open ?? ""}><ChevronRight size={20} aria-hidden="true" /></Button>
            </header>
            <CalendarGrid className={css.grid ?? ""}>
              <CalendarGridHeader>{(day) => <CalendarHeaderCell className={css.weekday ?? ""}>{day}</CalendarHeaderCell>}</CalendarGridHeader>
              <CalendarGridBody>{(date) => <CalendarCell className={css.cell ?? ""} date={date} />}</CalendarGridBody>
            </CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}
