/** The way out: a guest leaves, a host chooses between leaving and ending it for everybody. */
import { useState } from "react";
import { LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAnnouncer } from "../../elements/announcer";
import { Button } from "../../elements/button";
import { Dialog } from "../../elements/dialog";
import { useCall } from "./call-context";
import { CentreHelp } from "./centre-help";
import { Control } from "./controls";

export function LeaveButton() {
  const { t } = useTranslation("room");
  const { state, session, send, may } = useCall();
  const [asking, setAsking] = useState(false);
  const { going, go } = useWayOut();
  const alone = state.seats.filter((seat) => seat.presence === "connected").length <= 1;
  return (
    <>
      <Control icon={<LogOut />} text={t("leave.short")} name={t("leave.short")} tone="leave" onPress={() => setAsking(true)} />
      <Dialog
        title={t("leave.title")}
        isOpen={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{t("leave.stay")}</Button>
            <Button tone={may("room.end") ? "secondary" : "danger"} pending={going === "leave"} onPress={() => void go("leave", () => session.leave())}>
              {t("leave.leave")}
            </Button>
            {may("room.end") && (
              <Button tone="danger" pending={going === "end"} onPress={() => void go("end", () => send("room.end", {}))}>
                {t("leave.end")}
              </Button>
            )}
          </>
        }
      >
        <p>{may("room.end") && !alone ? t("leave.host_body") : t("leave.guest_body")}</p>
        <CentreHelp />
      </Dialog>
    </>
  );
}

type Way = "leave" | "end";

/** One's own notes are saved first: what follows the call begins from them. */
function useWayOut() {
  const { t } = useTranslation("room");
  const { note } = useAnnouncer();
  const { notes } = useCall().resources;
  const [going, setGoing] = useState<Way | null>(null);
  const go = async (way: Way, act: () => Promise<unknown>) => {
    if (going !== null) return;
    setGoing(way);
    if ((await notes?.flush()) === false) note(t("notes.late"));
    await act();
    setGoing(null);
  };
  return { going, go };
}
