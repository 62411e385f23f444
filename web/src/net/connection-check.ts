/** Can this network carry a call? Asked before the door: is the server near, may a socket be opened, does media get through. */
import { tryMedia, type MediaWay } from "./media/probe";
import { readConnection } from "./visit";

export interface ConnectionCheck {
  /** Median of three round trips; null when the server was not reached. */
  rttMs: number | null;
  socket: boolean;
  /** How packets of sound and picture would go; null when that could not be tried. */
  media: MediaWay | null;
}

const SOCKET_TIMEOUT_MS = 4_000;

/** `token` is the visit's. Takes as long as the slowest question; never rejects. */
export async function checkConnection(token: string): Promise<ConnectionCheck> {
  const [rttMs, socket, media] = await Promise.all([medianRoundTrip(), socketOpens(), mediaWay(token)]);
  return { rttMs, socket, media };
}

async function mediaWay(token: string): Promise<MediaWay | null> {
  try {
    const { probe, ice_servers } = await readConnection(token);
    return probe === null ? null : await tryMedia(probe, ice_servers);
  } catch {
    return null; // the server is not reached, which the round trips say
  }
}

async function medianRoundTrip(): Promise<number | null> {
  const tripsMs: number[] = [];
  for (let trip = 0; trip < 3; trip += 1) {
    const beginMs = performance.now();
    const response = await fetch("/health/live", { cache: "no-store" }).catch(() => null);
    if (response?.ok) tripsMs.push(performance.now() - beginMs);
  }
  return tripsMs.sort((a, b) => a - b)[Math.floor(tripsMs.length / 2)] ?? null;
}

/** Some offices let pages through and sockets not. */
function socketOpens(): Promise<boolean> {
  return new Promise((resolve) => {
    const address = new URL("/socket.io/?EIO=4&transport=websocket", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    const done = (opened: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(opened);
    };
    const timer = setTimeout(() => done(false), SOCKET_TIMEOUT_MS);
    socket.addEventListener("open", () => done(true));
    socket.addEventListener("error", () => done(false));
  });
}
