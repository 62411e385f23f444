/** An address that leads nowhere. */
import { useTranslation } from "react-i18next";
import { ButtonLink } from "../elements/button";
import { Page, PageTitle } from "../elements/page";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page>
      <PageTitle>{t("not_found.title")}</PageTitle>
      <p>{t("not_found.body")}</p>
      <div>
        <ButtonLink href="/desk">{t("not_found.desk")}</ButtonLink>
      </div>
    </Page>
  );
}
