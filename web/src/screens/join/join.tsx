/** The seeker's way in: from the link to the door of the room. */
import { useTranslation } from "react-i18next";
import { Page, PageTitle } from "../../elements/page";

export default function Join() {
  const { t } = useTranslation();
  return (
    <Page>
      <PageTitle>{t("product.tagline")}</PageTitle>
    </Page>
  );
}
