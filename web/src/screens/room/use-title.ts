/** What a conversation is called: by its title, or where it has none by its kind. */
import { useTranslation } from "react-i18next";
import { useCall } from "./call-context";

export function useTitle(): string {
  const { t } = useTranslation();
  const { title, kind } = useCall().state.room;
  return title || t(`kind.${kind}`);
}
