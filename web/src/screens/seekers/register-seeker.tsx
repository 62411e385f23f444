/** Registering a job seeker: name and phone, then straight on to the case file. */
import { useState, type FormEvent } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { components } from "../../net/api.gen";
import { answer, api } from "../../net/http";
import type { IdempotencyKey } from "../../net/once";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Dialog } from "../../elements/dialog";
import { Field } from "../../elements/field";
import { ProblemBanner } from "../../elements/problem";
import { opensCases } from "../desk/may";
import { useMe } from "../desk/session";
import { useOnce } from "../desk/use-once";
import page from "../desk/fields.module.css";

const FORM = "register-seeker";

export function RegisterSeeker({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const announcer = useAnnouncer();
  const [, go] = useLocation();
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const create = useOnce(createSeeker);
  const register = useMutation({
    mutationFn: () => create({ name, phone, lang: "ko" }),
    onSuccess: (seeker) => {
      void client.invalidateQueries({ queryKey: ["seekers"] });
      announcer.note(t("seekers.registered", { name: seeker.name }));
      onClose();
      if (opensCases(me) && seeker.case_id !== null) go(`/desk/cases/${seeker.case_id}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate();
  };
  return (
    <Dialog
      title={t("seekers.register")}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{common("action.cancel")}</Button>
          <Button type="submit" form={FORM} tone="primary" pending={register.isPending}>{t("seekers.register_submit")}</Button>
        </>
      }
    >
      <form id={FORM} className={page.form} onSubmit={submit}>
        {register.isError && <ProblemBanner error={register.error} area="desk" />}
        <Field label={t("seekers.name")} isRequired value={name} onChange={setName} />
        <Field label={t("seekers.phone")} help={t("seekers.phone_help")} type="tel" isRequired value={phone} onChange={setPhone} />
      </form>
    </Dialog>
  );
}

const createSeeker = (body: components["schemas"]["SeekerRegistration"], headers: IdempotencyKey) => answer(api.POST("/api/seekers", { headers, body }));
