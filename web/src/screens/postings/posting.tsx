/** One posting: who applied, who is interviewed today, and the kit that is the same for everybody. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../net/http";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Badge, Card } from "../../elements/card";
import { PageTitle } from "../../elements/page";
import { ProblemBanner } from "../../elements/problem";
import { Empty, FetchedPage } from "../desk/fetched";
import { ButtonTo } from "../desk/link";
import { hires } from "../desk/may";
import { useMomentsIn } from "../desk/moments";
import { useMe } from "../desk/session";
import page from "../desk/fields.module.css";
import { Applicants } from "./applicants";
import { Candidates } from "./candidates";
import css from "./posting.module.css";
import { postingQuery, type PostingView } from "./queries";

export default function Posting({ id }: { id: string }) {
  const posting = useQuery(postingQuery(id));
  return <FetchedPage query={posting}>{(data) => <PostingPage posting={data} />}</FetchedPage>;
}

function PostingPage({ posting }: { posting: PostingView }) {
  const { t } = useTranslation("hiring");
  const me = useMe();
  const moments = useMomentsIn(me.tenant.zone);
  return (
    <>
      <div className={page.heading}>
        <div>
          <PageTitle>{posting.title}</PageTitle>
          {posting.closed_at !== null && <p className={page.subtitle}><Badge>{t("posting.closed_on", { day: moments.day(posting.closed_at) })}</Badge></p>}
        </div>
        {hires(me) && (
          <div className={page.actions}>
            <ButtonTo href={`/desk/postings/${posting.id}/edit`}>{t("posting.edit")}</ButtonTo>
            <CloseOrReopen posting={posting} />
          </div>
        )}
      </div>
      <div className={page.columns}>
        <div className={page.column}>
          <Candidates candidates={posting.candidates} />
          <Applicants posting={posting} />
        </div>
        <div className={page.column}>
          <Kit kit={posting.kit} />
        </div>
      </div>
    </>
  );
}

function CloseOrReopen({ posting }: { posting: PostingView }) {
  const { t } = useTranslation("hiring");
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const params = { params: { path: { posting_id: posting.id } } };
  const isOpen = posting.closed_at === null;
  const change = useMutation({
    mutationFn: () => answer(isOpen ? api.POST("/api/postings/{posting_id}/close", params) : api.POST("/api/postings/{posting_id}/reopen", params)),
    onSuccess: (changed) => {
      void client.invalidateQueries({ queryKey: ["postings"] });
      client.setQueryData(postingQuery(posting.id).queryKey, changed);
      announcer.note(t(changed.closed_at === null ? "posting.reopened" : "posting.closed"));
    },
  });
  return (
    <>
      <Button pending={change.isPending} onPress={() => change.mutate()}>{t(isOpen ? "posting.close" : "posting.reopen")}</Button>
      {change.isError && <ProblemBanner error={change.error} area="desk" />}
    </>
  );
}

function Kit({ kit }: { kit: PostingView["kit"] }) {
  const { t } = useTranslation("hiring");
  return (
    <>
      <Card title={t("posting.questions")}>
        {kit.questions.length === 0 && <Empty>{t("posting.no_questions")}</Empty>}
        <ol className={css.questions}>
          {kit.questions.map((question) => (
            <li key={question.id}>
              {question.text} <span className={page.small}>{t("posting.minutes", { minutes: question.minutes })}</span>
            </li>
          ))}
        </ol>
      </Card>
      <Card title={t("posting.attributes")}>
        {kit.attributes.length === 0 && <Empty>{t("posting.no_attributes")}</Empty>}
        <ul className={css.questions}>
          {kit.attributes.map(({ id, name }) => <li key={id}>{name}</li>)}
        </ul>
      </Card>
    </>
  );
}
