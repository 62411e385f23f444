/** Copies a text and says so, aloud and in sight. Where the browser refuses, the text itself is there to be selected. */
import { useState } from "react";
import { Check, Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAnnouncer } from "../../elements/announcer";
import { Button, type ButtonTone } from "../../elements/button";

const SHOWN_MS = 2_500;

export function CopyButton({ text, children, tone = "secondary", small }: {
  text: string;
  children: string;
  tone?: ButtonTone;
  small?: boolean;
}) {
  const { t } = useTranslation("desk");
  const announcer = useAnnouncer();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      announcer.note(t("copy.failed"));
      return;
    }
    announcer.say(t("copy.done"));
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  const Icon = copied ? Check : Copy;
  return (
    <Button tone={tone} {...(small ? { small } : {})} icon={<Icon size={18} aria-hidden="true" />} onPress={() => void copy()}>
      {copied ? t("copy.done") : children}
    </Button>
  );
}
