/** What this device gives: microphone, camera, and why not. Pure: errors and browser names in, words of ours out. */

/** Why a device gives nothing; each has its own helpful text. */
export type CaptureProblem =
  | "denied" // the person or the browser said no
  | "none" // there is no such device
  | "in_use" // another program holds it
  | "constraint" // it cannot do what was asked
  | "insecure" // the page is not https
  | "unsupported" // this browser cannot
  | "unplugged" // it was there and is gone
  | "interrupted" // the system took it, e.g. for a phone call
  | "failed"; // anything else

/** W3C Media Capture, section 10.5: the names that getUserMedia rejects with. */
export function captureProblem(errorName: string): CaptureProblem {
  switch (errorName) {
    case "NotAllowedError":
    case "PermissionDeniedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
      return "none";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "in_use";
    case "OverconstrainedError":
      return "constraint";
    default:
      return "failed";
  }
}

export interface InputState {
  /** `on` captures and sends; `muted` captures (or could) and sends nothing; `off` has not been asked for. */
  status: "off" | "starting" | "on" | "muted";
  problem: CaptureProblem | null;
  deviceId: string | null;
}

export interface DeviceChoice {
  id: string;
  label: string;
}

export interface CaptureState {
  mic: InputState;
  camera: InputState;
  screen: { sharing: boolean; withSound: boolean };
  mics: readonly DeviceChoice[];
  cameras: readonly DeviceChoice[];
  speakers: readonly DeviceChoice[];
  speakerId: string | null;
}

const untouched: InputState = { status: "off", problem: null, deviceId: null };

export const emptyCapture: CaptureState = {
  mic: untouched,
  camera: untouched,
  screen: { sharing: false, withSound: false },
  mics: [],
  cameras: [],
  speakers: [],
  speakerId: null,
};

/** The device to use: the one that was chosen before if it is still there, else the system's own choice (null). */
export const keptDevice = (choices: readonly DeviceChoice[], chosen: string | null): string | null =>
  chosen !== null && choices.some(({ id }) => id === chosen) ? chosen : null;

/** In-app browsers that cannot capture or lose the permission, by what their user agent says. */
const IN_APP: readonly [RegExp, string][] = [
  [/KAKAOTALK/i, "kakaotalk"],
  [/NAVER\(inapp|NAVER\//i, "naver"],
  [/\bLine\//i, "line"],
  [/FBAN|FBAV|FB_IAB/i, "facebook"],
  [/Instagram/i, "instagram"],
  [/DaumApps/i, "daum"],
];

/** The in-app browser this is, or null for a real one. */
export const inAppBrowser = (userAgent: string): string | null =>
  IN_APP.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;

/** An address that makes Android open this page in its own browser; null where the system has no such way. */
export function outsideAddress(userAgent: string, address: string): string | null {
  if (/KAKAOTALK/i.test(userAgent)) return `kakaotalk://web/openExternal?url=${encodeURIComponent(address)}`;
  if (!/Android/i.test(userAgent)) return null;
  const [scheme, rest] = address.split("://");
  // Android cuts at the last #, so the fragment with the secret stays part of the address.
  return `intent://${rest ?? ""}#Intent;scheme=${scheme ?? "https"};package=com.android.chrome;end`;
}
