/** Browsers inside other apps, and browsers that cannot: how to come in from another one, without losing the link. */
import { Copy, ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAnnouncer } from "../../elements/announcer";
import { Button, ButtonLink } from "../../elements/button";
import { Card } from "../../elements/card";
import { Page, PageTitle } from "../../elements/page";
import { outsideAddress } from "../../state/capture";

export function InApp({ canCapture, onStay }: { canCapture: boolean; onStay: () => void }) {
  const { t } = useTranslation("join");
  const outside = outsideAddress(navigator.userAgent, location.href);
  return (
    <Page>
      <PageTitle>{t("in_app.title")}</PageTitle>
      <p>{t("in_app.body")}</p>
      {outside !== null && (
        <ButtonLink tone="primary" wide href={outside} icon={<ExternalLink size={22} aria-hidden="true" />}>
          {t("in_app.open")}
        </ButtonLink>
      )}
      <CopyLink primary={outside === null} />
      <p>{t("in_app.paste")}</p>
      {canCapture && (
        <div>
          <Button tone="quiet" onPress={onStay}>
            {t("in_app.stay")}
          </Button>
        </div>
      )}
    </Page>
  );
}

/** Whether this browser can hold a conversation at all. */
export const hasWebRtc = (): boolean => typeof RTCPeerConnection !== "undefined";

/** `staff` have no number to call. */
export function NoWebRtc({ staff = false }: { staff?: boolean }) {
  const { t } = useTranslation("join");
  return (
    <Page staff={staff}>
      <PageTitle>{t("no_webrtc.title")}</PageTitle>
      <Card>
        <p>{t("no_webrtc.body")}</p>
        {!staff && <p>{t("no_webrtc.phone")}</p>}
      </Card>
      <CopyLink primary />
    </Page>
  );
}

function CopyLink({ primary }: { primary: boolean }) {
  const { t } = useTranslation("join");
  const { t: tCommon } = useTranslation();
  const { note } = useAnnouncer();
  const copy = async () => {
    const copied = await copyText(location.href);
    note(copied ? tCommon("action.copied") : t("in_app.copy_failed"));
  };
  return (
    <Button tone={primary ? "primary" : "secondary"} wide icon={<Copy size={20} aria-hidden="true" />} onPress={() => void copy()}>
      {t("in_app.copy")}
    </Button>
  );
}

/** The clipboard of old in-app browsers takes only what is selected in a field. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }
}
