/**
 * One's private notes of one call. They outlive the panel that shows them, and the room as long as words are unsaved.
 * Knows neither React nor the server.
 */
import { asProblem } from "../../net/problem";
import { Store, type Readable } from "../../state/store";
import { Draft, type DraftStatus } from "../desk/draft";
import { guardDraft } from "../desk/draft-guard";

/** So long whoever goes waits for the last words to be saved. */
const PATIENCE_MS = 3_000;

/** Where the notes are kept. */
export interface NotesKeeper {
  load: () => Promise<string>;
  save: (text: string) => Promise<void>;
}

/** What is to be seen of the notes. loading, unread: nobody has read yet what was kept before, and nothing can be written. */
export interface Written {
  readonly text: string;
  readonly saving: "loading" | "unread" | DraftStatus;
}

const LOADING: Written = { text: "", saving: "loading" };
const UNREAD: Written = { text: "", saving: "unread" };

export class OwnNotes {
  readonly #keeper: NotesKeeper;
  readonly #written = new Store<Written>(LOADING);
  #draft: Draft<string, null> | null = null;
  #endGuard: (() => void) | null = null;
  #left = false;

  constructor(keeper: NotesKeeper) {
    this.#keeper = keeper;
  }

  get written(): Readable<Written> {
    return this.#written;
  }

  readonly change = (text: string): void => this.#draft?.change(text);

  /** Reads what was kept, unless that is done. Tried again each time that the notes are looked at. */
  async open(): Promise<void> {
    if (this.#draft !== null) return;
    this.#written.set(LOADING);
    try {
      this.#begin(await this.#keeper.load());
    } catch {
      if (this.#draft === null) this.#written.set(UNREAD);
    }
  }

  /** Sends what is unsaved, and waits for it, but not for long. Resolves to whether all is saved; never rejects. */
  async flush(): Promise<boolean> {
    if (this.#draft === null) return true;
    await Promise.race([this.#draft.flush(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    return this.#draft.read().status === "saved";
  }

  /** One is in the room: what was refused outside it, where nobody was signed in any more, is tried again. */
  enter(): void {
    this.#left = false;
    const { text, saving } = this.#written.get();
    if (saving !== "refused") return;
    this.#forget();
    this.#begin(text);
    this.change(text);
  }

  /** One is out of it: unsaved words are tried again all the same, as long as the page lives. */
  leave(): void {
    this.#left = true;
    if (this.#written.get().saving === "saved") this.#forget();
    else void this.#draft?.flush();
  }

  #begin(text: string): void {
    if (this.#draft !== null) return;
    const draft = new Draft<string, null>({
      value: text,
      agreed: null,
      isFinal: (error) => this.#isFinal(asProblem(error).status),
      save: (changed) => this.#keeper.save(changed).then(() => null),
    });
    this.#draft = draft;
    this.#endGuard = guardDraft(draft);
    draft.subscribe(() => this.#show(draft));
    this.#show(draft);
  }

  #show(draft: Draft<string, null>): void {
    const { value, status } = draft.read();
    this.#written.set({ text: value, saving: status });
    if (this.#left && status === "saved") this.#forget();
  }

  /** The next time in the room they are read anew: they may have been changed from another device in between. */
  #forget(): void {
    this.#endGuard?.();
    this.#draft = null;
    this.#written.set(LOADING);
  }

  /** Outside the room nobody is asked to sign in again, and the next to do so may be somebody else. */
  #isFinal(status: number): boolean {
    return status === 403 || status === 404 || (this.#left && status === 401);
  }
}

const known = new Map<string, OwnNotes>();

/** The notes of this person in this appointment: the same ones for whoever comes back before all was saved. */
export function ownNotes(person: string, appointment: string, keeper: NotesKeeper): OwnNotes {
  const key = `${person} ${appointment}`;
  const notes = known.get(key) ?? new OwnNotes(keeper);
  known.set(key, notes);
  return notes;
}
