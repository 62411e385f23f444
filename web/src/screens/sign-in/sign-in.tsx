/** Signing in to the desk. A seeker who ends up here is told that no account is needed. */
import { useState, type FormEvent } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { Field } from "../../elements/field";
import { Page, PageTitle } from "../../elements/page";
import { useProblemText } from "../../elements/problem";
import { answer, api } from "../../net/http";
import type { Me } from "../desk/session";
import css from "./sign-in.module.css";

/** `before`: who was signed in here until now. */
export function SignIn({ before }: { before: Me | null }) {
  const { t } = useTranslation("desk");
  const problemText = useProblemText("desk");
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => answer(api.POST("/api/session", { body: { email: email.trim(), password } })),
    // Nothing was heard meanwhile; and what one person had fetched is not for the next one's eyes.
    onSuccess: (me) => (me.id === before?.id ? client.invalidateQueries() : client.resetQueries()),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Page staff>
      <PageTitle>{t("sign_in.title")}</PageTitle>
      {before !== null && <Banner tone="warning" title={t("sign_in.again")}><p>{t("sign_in.again_help")}</p></Banner>}
      <form className={css.form} onSubmit={submit}>
        {signIn.isError && <Banner tone="danger" live><p>{problemText(signIn.error)}</p></Banner>}
        <Field label={t("sign_in.email")} type="email" name="email" autoComplete="username" isRequired value={email} onChange={setEmail} />
        <Field label={t("sign_in.password")} type="password" name="password" autoComplete="current-password" isRequired value={password} onChange={setPassword} />
        <Button type="submit" tone="primary" wide pending={signIn.isPending}>
          {t("sign_in.submit")}
        </Button>
      </form>
      <p className={css.seeker}>{t("sign_in.seeker")}</p>
    </Page>
  );
}
