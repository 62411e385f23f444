/** Can this network carry a call? Two questions before the door: is the server near, and may a socket be opened. */

export interface ConnectionCheck {
  /** Median of three round trips; null when the server was not reached. */
  rttMs: number | null;
  socket: boolean;
}

const SOCKET_TIMEOUT_MS = 4_000;

export async function checkConnection(): Promise<ConnectionCheck> {
  const [rttMs, socket] = await Promise.all([medianRoundTrip(), socketOpens()]);
  return { rttMs, socket };
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
