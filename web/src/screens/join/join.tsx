/** The seeker's way in: from the link to the door of the room, one page at a time, one next step on each. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loading, Page } from "../../elements/page";
import { checkConnection } from "../../net/connection-check";
import { LocalMedia } from "../../net/media/local-media";
import { seatKey } from "../../net/seat";
import { fetchTicket, fetchVisitDocument, keepDeviceCheck, readVisit, type DeviceCheck as Found, type Visit, type VisitAnswer } from "../../net/visit";
import { inAppBrowser } from "../../state/capture";
import { nextStep, stepsOf, type JoinFacts, type JoinStep } from "../../state/join";
import type { Over } from "../room/room";
import { Consent } from "./consent";
import { DevicesStep } from "./devices-step";
import { Early } from "./early";
import { hasWebRtc, InApp, NoWebRtc } from "./in-app";
import { LinkProblem } from "./link-problem";
import { OverPage } from "./over-page";
import { Rules } from "./rules";
import { useVisit } from "./use-visit";

const Room = lazy(() => import("../room/room"));

export default function Join() {
  const secret = useSecret();
  const [stays, setStays] = useState(false);
  const inApp = inAppBrowser(navigator.userAgent);
  if (inApp !== null && !stays) return <InApp canCapture={navigator.mediaDevices !== undefined} onStay={() => setStays(true)} />;
  if (!hasWebRtc()) return <NoWebRtc />;
  return <Way key={secret} secret={secret} />;
}

/** The secret stands behind the #, where no server and no log sees it; a new link in the same tab is a new way. */
function useSecret(): string {
  const [secret, setSecret] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const onChange = () => setSecret(location.hash.slice(1));
    window.addEventListener("hashchange", onChange);
    return () => window.removeEventListener("hashchange", onChange);
  }, []);
  return secret;
}

function Way({ secret }: { secret: string }) {
  const { t } = useTranslation("join");
  const { opening, replace, lookAgain, retry } = useVisit(secret);
  if (opening.status === "opening") {
    return (
      <Page>
        <Loading text={t("opening")} />
      </Page>
    );
  }
  if (opening.status === "failed") return <LinkProblem error={opening.error} onRetry={retry} />;
  return <Steps visit={opening.visit} onPage={replace} lookAgain={lookAgain} />;
}

interface StepsProps {
  visit: Visit;
  onPage: (page: VisitAnswer) => void;
  lookAgain: () => void;
}

function Steps({ visit, onPage, lookAgain }: StepsProps) {
  const { token, page } = visit;
  const local = useLocalMedia();
  const [done, setDone] = useDone(page.appointment.id);
  const [back, setBack] = useState<JoinStep | null>(null);
  const { over, moved, setOver, onOver } = useEnding(visit, onPage);
  const asksConsent = page.consent.items.length > 0;
  const facts: JoinFacts = {
    state: page.state,
    unanswered: page.consent.items.filter(({ item }) => (page.consent.answers[item] ?? "unanswered") === "unanswered").length,
    rulesRequired: page.rules.required,
    rulesAccepted: page.rules.accepted_at !== null,
    done,
  };
  const steps = stepsOf(facts, asksConsent);
  const step = back ?? nextStep(facts);
  const place = { number: steps.indexOf(step) + 1, of: steps.length };
  const previous = steps[steps.indexOf(step) - 1];
  const goBack = previous === undefined ? undefined : () => setBack(previous);
  const through = (change: Partial<JoinFacts["done"]>) => {
    setBack(null);
    setDone(change);
  };
  const check = useCallback(() => checkConnection(token), [token]);
  const found = (result: Found) => {
    void keepDeviceCheck(token, result).catch(() => undefined);
    through({ devices: true });
  };
  // Whoever is out, or too early, is not being filmed but for the check.
  const isOut = over !== null || step === "over" || step === "early";
  useEffect(() => {
    if (isOut) local.close();
  }, [isOut, local]);

  if (over !== null) {
    return <OverPage visit={visit} over={over} onAgain={() => setOver(null)} />;
  }
  switch (step) {
    case "early":
      return <Early page={page} moved={moved} check={check} local={local} onChecked={found} />;
    case "rules":
      return <Rules key="rules" visit={visit} place={place} onAccepted={(next) => (onPage(next), setBack(null))} />;
    case "consent":
      return <Consent key="consent" visit={visit} place={place} onPage={onPage} onNext={() => through({ consent: true })} {...(goBack && { onBack: goBack })} />;
    case "devices":
      return <DevicesStep key="devices" check={check} page={page} place={place} local={local} onNext={found} {...(goBack && { onBack: goBack })} />;
    case "room":
      return (
        <Door
          key={page.appointment.starts_at}
          visit={visit}
          lookAgain={lookAgain}
          local={local}
          onEntered={() => setDone({ entered: true })}
          onOver={onOver}
        />
      );
    case "over":
      return <OverPage visit={visit} over={null} />;
  }
}

/** Endings whose reason the page knows better than the room: called off, missed, or moved to another time. */
const ASKS_THE_PAGE: readonly string[] = ["call_ended", "wrong_state", "not_yet_open", "appointment_cancelled", "appointment_ended"];

/** How the room ended. An appointment that has only moved is not over: its page begins anew, at the new time. */
function useEnding({ token, page }: Visit, onPage: (page: VisitAnswer) => void) {
  const [over, setOver] = useState<Over | null>(null);
  const [firstStart] = useState(page.appointment.starts_at);
  const onOver = (ending: Over) => {
    if (!ASKS_THE_PAGE.includes(ending.code)) return setOver(ending);
    const told = (now: VisitAnswer) => {
      const elsewhen = now.appointment.starts_at !== page.appointment.starts_at;
      onPage(now);
      if (!elsewhen && now.state !== "early") setOver(ending);
    };
    readVisit(token).then(told, () => setOver(ending));
  };
  return { over, moved: page.appointment.starts_at !== firstStart, setOver, onOver };
}

interface DoorProps {
  visit: Visit;
  lookAgain: () => void;
  local: LocalMedia;
  onEntered: () => void;
  onOver: (over: Over) => void;
}

function Door({ visit: { token, page }, lookAgain, local, onEntered, onOver }: DoorProps) {
  const { id, zone, organisation, phone, host_runs_late: hostRunsLate } = page.appointment;
  const centre = { name: organisation, phone };
  const resources = useMemo(
    () => ({
      zone,
      notes: null,
      visit: { hostRunsLate, lookAgain },
      fetchDocument: (document: string) => fetchVisitDocument(token, document),
    }),
    [zone, token, hostRunsLate, lookAgain],
  );
  useEffect(() => {
    // After a reload the devices are not running yet.
    if (local.state.get().mic.status === "off") void local.start();
    onEntered();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the door is first reached
  }, []);
  return (
    <Suspense fallback={<Page centre={centre}><Loading /></Page>}>
      <Room local={local} resources={resources} centre={centre} ticket={() => fetchTicket(token)} resumeKey={seatKey(id)} onOver={onOver} />
    </Suspense>
  );
}

/** The devices live as long as this way in does. */
function useLocalMedia(): LocalMedia {
  const [local] = useState(() => new LocalMedia());
  useEffect(() => () => local.close(), [local]);
  return local;
}

/** Which steps this tab has been through with this appointment; a reload does not ask again. */
function useDone(appointment: string): [JoinFacts["done"], (change: Partial<JoinFacts["done"]>) => void] {
  const key = `ieum.done.${appointment}`;
  const [done, setDone] = useState<JoinFacts["done"]>(() => {
    const none = { consent: false, devices: false, entered: false };
    try {
      return { ...none, ...(JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<JoinFacts["done"]>) };
    } catch {
      return none;
    }
  });
  const change = (now: Partial<JoinFacts["done"]>) =>
    setDone((before) => {
      const next = { ...before, ...now };
      sessionStorage.setItem(key, JSON.stringify(next));
      return next;
    });
  return [done, change];
}
