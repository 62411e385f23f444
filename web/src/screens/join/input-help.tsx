/** What is wrong with a device, what to do about it, and one press to try again. */
import { useTranslation } from "react-i18next";
import { Banner } from "../../elements/banner";
import { Button } from "../../elements/button";
import { useReadable } from "../../elements/use-readable";
import type { LocalMedia } from "../../net/media/local-media";

export function InputHelp({ local, input }: { local: LocalMedia; input: "mic" | "camera" }) {
  const { t } = useTranslation("join");
  const { problem, status } = useReadable(local.state)[input];
  if (problem === null) return null;
  return (
    <Banner
      tone="warning"
      live
      title={t(`devices.problem.${input}.${problem}.title`)}
      action={
        <Button small pending={status === "starting"} onPress={() => void local.repair(input)}>
          {t("devices.again")}
        </Button>
      }
    >
      <p>{t(`devices.problem.${input}.${problem}.help`)}</p>
    </Banner>
  );
}
