/** Editing a posting. What has begun with the old kit keeps it; the server sees to that. */
import { useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { PageTitle } from "../../elements/page";
import { FetchedPage } from "../desk/fetched";
import { postingQuery, type PostingView } from "./queries";
import { PostingForm, type PostingFields } from "./posting-form";

export default function EditPosting({ id }: { id: string }) {
  const posting = useQuery(postingQuery(id));
  return <FetchedPage query={posting}>{(data) => <EditPage posting={data} />}</FetchedPage>;
}

function EditPage({ posting }: { posting: PostingView }) {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [, go] = useLocation();
  const [start] = useState(posting); // what is edited is what was read, also when the page's content is renewed
  const edit = useMutation({
    mutationFn: (body: components["schemas"]["PostingBody"]) =>
      answer(api.PUT("/api/postings/{posting_id}", { params: { path: { posting_id: posting.id } }, body: { ...body, version: start.version } })),
    onSuccess: (edited) => {
      void client.invalidateQueries({ queryKey: ["postings"] });
      client.setQueryData(postingQuery(edited.id).queryKey, edited);
      announcer.note(t("form.saved"));
      go(`/desk/postings/${edited.id}`);
    },
  });
  return (
    <>
      <PageTitle>{t("form.edit_title")}</PageTitle>
      <PostingForm
        start={fieldsOf(start)}
        help={t("form.edit_help")}
        submitText={t("form.save")}
        backTo={`/desk/postings/${posting.id}`}
        pending={edit.isPending}
        error={edit.error}
        onSubmit={edit.mutate}
      />
    </>
  );
}

const fieldsOf = ({ title, kit }: PostingView): PostingFields => ({
  title,
  questions: kit.questions,
  attributes: kit.attributes.map(({ id, name, anchors }) => ({
    id,
    name,
    anchors: { "1": anchors["1"] ?? "", "3": anchors["3"] ?? "", "5": anchors["5"] ?? "" },
  })),
});
