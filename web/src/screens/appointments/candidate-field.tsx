/** Which application an interview serves: a posting, then one of its candidates. */
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Select } from "../../elements/select";
import { postingQuery, postingsQuery } from "../postings/queries";

export function CandidateField({ value, onChange }: { value: string | null; onChange: (applicationId: string) => void }) {
  const { t } = useTranslation("booking");
  const [postingId, setPostingId] = useState<string | null>(null);
  const postings = useQuery(postingsQuery);
  const chosen = postingId ?? postings.data?.[0]?.id ?? null;
  const posting = useQuery({ ...postingQuery(chosen ?? ""), enabled: chosen !== null });
  const applications = (posting.data?.applications ?? []).filter(({ withdrawn_at }) => withdrawn_at === null);
  return (
    <>
      <Select
        label={t("book.posting")}
        choices={(postings.data ?? []).map(({ id, title }) => ({ id, text: title }))}
        value={chosen}
        onChange={setPostingId}
      />
      <Select
        label={t("book.candidate")}
        placeholder={t("book.candidate_choose")}
        choices={applications.map(({ id, seeker }) => ({ id, text: seeker.name }))}
        value={value}
        onChange={onChange}
      />
    </>
  );
}
