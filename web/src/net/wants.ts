/** What this person is to get of the others, and how large: told to the server whole, whenever it changes. */
import { wantedTracks } from "../state/call";
import { withPin } from "../state/on-stage";
import { Store, type Readable } from "../state/store";
import type { Send } from "./media/up";
import type { State } from "./messages.gen";

/** A moment in which several changes become one message. */
const DELAY_MS = 50;

export interface WantsOptions {
  /** The state of the call; null while there is nothing to receive with. */
  state: () => State | null;
  send: Send;
}

export class Wants {
  readonly #options: WantsOptions;
  readonly #shown = new Map<string, number>();
  readonly #pins = new Store<readonly string[]>([]);
  #rev = 0;
  #said = "";
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: WantsOptions) {
    this.#options = options;
  }

  get pins(): Readable<readonly string[]> {
    return this.#pins;
  }

  isShown(track: string): boolean {
    return (this.#shown.get(track) ?? 0) > 0;
  }

  show(track: string, heightPx: number | null): void {
    if (heightPx === null) this.#shown.delete(track);
    else this.#shown.set(track, heightPx);
    this.changed();
  }

  pin(seat: string): void {
    this.#pins.update((pins) => withPin(pins, seat));
    this.changed();
  }

  /** Something may be wanted otherwise; `again`: the server does not know what was said before. */
  changed(again = false): void {
    if (again) this.#said = "";
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#say();
    }, DELAY_MS);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #say(): Promise<void> {
    const state = this.#options.state();
    if (state === null) return;
    const tracks = wantedTracks(state, this.#shown, document.visibilityState === "hidden", this.#pins.get());
    const wanted = JSON.stringify(tracks);
    if (wanted === this.#said) return;
    this.#said = wanted;
    await this.#options.send("down.want", { rev: ++this.#rev, tracks }).catch(() => {
      this.#said = ""; // said again with the next change, or when the line is back
    });
  }
}
