/** Making a posting. */
import { useRef } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api, idempotencyKey } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { PageTitle } from "../../elements/page";
import { postingQuery } from "./queries";
import { PostingForm } from "./posting-form";

const EMPTY = { title: "", questions: [], attributes: [] };

export default function NewPosting() {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [, go] = useLocation();
  const key = useRef(idempotencyKey());
  const make = useMutation({
    mutationFn: (body: components["schemas"]["PostingBody"]) => answer(api.POST("/api/postings", { headers: key.current, body })),
    onSuccess: (posting) => {
      void client.invalidateQueries({ queryKey: ["postings"] });
      client.setQueryData(postingQuery(posting.id).queryKey, posting);
      announcer.note(t("form.made"));
      go(`/desk/postings/${posting.id}`);
    },
    // Another try after a refusal is another request.
    onError: () => (key.current = idempotencyKey()),
  });
  return (
    <>
      <PageTitle>{t("postings.make")}</PageTitle>
      <PostingForm start={EMPTY} submitText={t("form.make")} backTo="/desk/postings" pending={make.isPending} error={make.error} onSubmit={make.mutate} />
    </>
  );
}
