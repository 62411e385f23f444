/** Which document this member of staff reads alone. It goes when its document does. */
import { useRef, useState } from "react";
import type { DocumentView } from "../../net/messages.gen";
import { useCall } from "./call-context";

export interface OwnReading {
  paper: DocumentView | null;
  open: (id: string) => void;
  close: () => void;
}

/** `onOpened` makes room for it; `onLost` gives the focus a place when what opened it is gone. */
export function useOwnDocument(onOpened: () => void, onLost: () => void): OwnReading {
  const { state } = useCall();
  const [id, setId] = useState<string | null>(null);
  const opener = useRef<Element | null>(null);
  return {
    paper: state.documents.find((one) => one.id === id) ?? null,
    open: (wanted) => {
      opener.current = document.activeElement;
      setId(wanted);
      onOpened();
    },
    close: () => {
      setId(null);
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
      else onLost();
    },
  };
}
