/** Making a posting. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import type { IdempotencyKey } from "../../net/once";
import { useAnnouncer } from "../../elements/announcer";
import { PageTitle } from "../../elements/page";
import { useOnce } from "../desk/use-once";
import { postingQuery } from "./queries";
import { PostingForm } from "./posting-form";

type PostingBody = components["schemas"]["PostingBody"];

const EMPTY = { title: "", questions: [], attributes: [] };

export default function NewPosting() {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [, go] = useLocation();
  const create = useOnce(createPosting);
  const make = useMutation({
    mutationFn: create,
    onSuccess: (posting) => {
      void client.invalidateQueries({ queryKey: ["postings"] });
      client.setQueryData(postingQuery(posting.id).queryKey, posting);
      announcer.note(t("form.made"));
      go(`/desk/postings/${posting.id}`);
    },
  });
  return (
    <>
      <PageTitle>{t("postings.make")}</PageTitle>
      <PostingForm start={EMPTY} submitText={t("form.make")} backTo="/desk/postings" pending={make.isPending} error={make.error} onSubmit={make.mutate} />
    </>
  );
}

const createPosting = (body: PostingBody, headers: IdempotencyKey) => answer(api.POST("/api/postings", { headers, body }));
