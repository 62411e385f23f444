/** Desk news over the `/desk` socket: which ids changed, never what. The page fetches what it shows of them. */
import { io } from "socket.io-client";
import { api } from "./http";

const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 3_000;

export interface Change {
  kind: string;
  ids: string[];
}

export interface DeskListener {
  onChanged: (change: Change) => void;
  /** The line was down: anything may have changed. */
  onBack: () => void;
  /** The server will not have us, or no longer: perhaps nobody is signed in. */
  onRefused: () => void;
}

/** Listens until the returned function is called. A refused connection is tried again like a lost one. */
export function watchDesk({ onChanged, onBack, onRefused }: DeskListener): () => void {
  const socket = io("/desk", {
    transports: ["websocket"],
    timeout: CONNECT_TIMEOUT_MS,
    reconnectionDelay: RECONNECT_MS,
    reconnectionDelayMax: 5 * RECONNECT_MS,
  });
  let connectedBefore = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  // The library comes back by itself only when the line was lost.
  const refused = () => {
    if (socket.active) return;
    retry = setTimeout(() => socket.connect(), 5 * RECONNECT_MS);
    onRefused();
  };
  socket.on("connect_error", refused);
  socket.on("disconnect", refused);
  socket.on("connect", () => {
    if (connectedBefore) onBack();
    connectedBefore = true;
  });
  socket.on("changed", (change: Change) => onChanged(change));
  return () => {
    socket.off();
    clearTimeout(retry);
    socket.close();
  };
}

/** Calls `listener` whenever an answer says that nobody is signed in any more. */
export function watchSignOut(listener: () => void): () => void {
  const middleware = {
    onResponse: ({ response }: { response: Response }) => {
      if (response.status === 401) listener();
    },
  };
  api.use(middleware);
  return () => api.eject(middleware);
}
