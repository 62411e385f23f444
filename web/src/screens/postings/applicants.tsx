/** Who applied: résumé, interviews and their links, and the way back out of an application. */
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { CalendarPlus, Phone, Upload, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { Link } from "wouter";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Badge, Card } from "../../elements/card";
import { ProblemBanner } from "../../elements/problem";
import { GuestLink } from "../appointments/guest-link";
import { guestsOf, isAhead, isLive } from "../appointments/queries";
import { PDF, useUpload } from "../appointments/use-upload";
import { Empty } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { hires, seesContent } from "../desk/may";
import { useMomentsIn } from "../desk/moments";
import { phoneText } from "../../locales/phone";
import { useMe } from "../desk/session";
import { StatusBadge } from "../desk/words";
import page from "../desk/fields.module.css";
import css from "./posting.module.css";
import { postingQuery, type Applicant, type PostingView } from "./queries";
import { RegisterApplicant } from "./register-applicant";
import { Resumes } from "./resumes";
import { WithdrawDialog } from "./withdraw-dialog";

export function Applicants({ posting }: { posting: PostingView }) {
  const { t } = useTranslation("hiring");
  const me = useMe();
  const [registering, setRegistering] = useState(false);
  const standing = posting.applications.filter(({ withdrawn_at }) => withdrawn_at === null);
  const withdrawn = posting.applications.filter(({ withdrawn_at }) => withdrawn_at !== null);
  return (
    <Card
      title={t("applicants.title", { count: standing.length })}
      actions={hires(me) && (
        <div className={page.actions}>
          {posting.closed_at === null && <Button small tone="primary" icon={<UserPlus size={18} aria-hidden="true" />} onPress={() => setRegistering(true)}>{t("applicants.register")}</Button>}
          {standing.length > 0 && <ButtonTo small href={`/desk/postings/${posting.id}/book`} icon={<CalendarPlus size={18} aria-hidden="true" />}>{t("applicants.book")}</ButtonTo>}
        </div>
      )}
    >
      {posting.applications.length === 0 && <Empty>{t(posting.closed_at === null ? "applicants.none" : "applicants.none_closed")}</Empty>}
      <ul className={page.list}>
        {standing.map((one) => <ApplicantRow key={one.id} applicant={one} postingId={posting.id} />)}
        {withdrawn.map((one) => <WithdrawnRow key={one.id} applicant={one} />)}
      </ul>
      {registering && <RegisterApplicant postingId={posting.id} onClose={() => setRegistering(false)} />}
    </Card>
  );
}

function ApplicantRow({ applicant, postingId }: { applicant: Applicant; postingId: string }) {
  const { t } = useTranslation("hiring");
  const me = useMe();
  const [withdrawing, setWithdrawing] = useState(false);
  const { name } = applicant.seeker;
  const coming = applicant.interviews.filter((card) => isAhead(card) || isLive(card));
  return (
    <li>
      <div className={page.item}>
        <span className={css.badges}>
          <strong>{name}</strong>
          {applicant.decision !== null && <Badge tone="success">{t(`decision.${applicant.decision}`)}</Badge>}
        </span>
        {applicant.phone !== null && (
          <a className={css.phone} href={`tel:${applicant.phone}`}><Phone size={16} aria-hidden="true" />{phoneText(applicant.phone)}</a>
        )}
        <Interviews applicant={applicant} />
      </div>
      <div className={page.actions}>
        <Resumes name={name} documents={applicant.documents} />
        {seesContent(me) && hires(me) && applicant.documents.length === 0 && <UploadResume applicant={applicant} postingId={postingId} />}
        {hires(me) && coming.length === 0 && (
          <ButtonTo small href={`/desk/postings/${postingId}/book?application=${applicant.id}`} aria-label={t("applicants.book_for", { name })}>{t("applicants.book")}</ButtonTo>
        )}
        {hires(me) && <Button small tone="quiet" aria-label={t("withdraw.of", { name })} onPress={() => setWithdrawing(true)}>{t("withdraw.submit")}</Button>}
      </div>
      {hires(me) && coming.flatMap((card) => guestsOf(card).map((seat) => <GuestLink key={seat.id} appointmentId={card.id} seat={seat} />))}
      {withdrawing && <WithdrawDialog applicant={applicant} postingId={postingId} onClose={() => setWithdrawing(false)} />}
    </li>
  );
}

function Interviews({ applicant }: { applicant: Applicant }) {
  const { t } = useTranslation("hiring");
  const moments = useMomentsIn(useMe().tenant.zone);
  if (applicant.interviews.length === 0) return <p>{t("applicants.no_interview")}</p>;
  return applicant.interviews.map((card) => (
    <span key={card.id} className={css.badges}>
      <Link href={`/desk/appointments/${card.id}`}>
        {moments.day(card.starts_at)} {moments.span(card.starts_at, card.ends_at)}
        <span className="visually-hidden"> {t("applicants.interview_of", { name: applicant.seeker.name })}</span>
      </Link>
      <StatusBadge status={card.status} />
    </span>
  ));
}

function WithdrawnRow({ applicant }: { applicant: Applicant }) {
  const { t } = useTranslation("hiring");
  return (
    <li>
      <div className={page.item}>
        <span className={css.badges}>{applicant.seeker.name} <Badge>{t("withdraw.done")}</Badge></span>
        <p>{t("withdraw.because", { reason: applicant.withdrawal_reason ?? "" })}</p>
      </div>
    </li>
  );
}

function UploadResume({ applicant, postingId }: { applicant: Applicant; postingId: string }) {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const { name } = applicant.seeker;
  const upload = useUpload({ application_id: applicant.id }, () => {
    announcer.note(t("applicants.resume_kept", { name }));
    return client.invalidateQueries({ queryKey: postingQuery(postingId).queryKey });
  });
  const choose = (files: FileList | null) => {
    const file = files?.[0];
    if (file !== undefined) upload.mutate(file);
  };
  return (
    <>
      {upload.isError && <ProblemBanner error={upload.error} area="desk" />}
      <FileTrigger acceptedFileTypes={[PDF]} onSelect={choose}>
        <Button small pending={upload.isPending} icon={<Upload size={18} aria-hidden="true" />} aria-label={t("applicants.add_resume_of", { name })}>{t("applicants.add_resume")}</Button>
      </FileTrigger>
    </>
  );
}
