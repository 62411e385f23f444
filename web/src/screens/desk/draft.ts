/**
 * Text that saves itself: one save at a time, the newest value always last, a failed save tried again.
 * Knows neither React nor the server; how to save and which refusals are final are handed in.
 */

const IDLE_MS = 800;
const RETRY_MS = 5_000;

/** saved: the server has it · changed: not yet sent · saving: on its way · failed: tried again soon · refused: never will be. */
export type DraftStatus = "saved" | "changed" | "saving" | "failed" | "refused";

export interface DraftState<T> {
  readonly value: T;
  readonly status: DraftStatus;
  /** Why the last save failed or was refused. */
  readonly error: unknown;
}

export interface DraftOptions<T> {
  readonly value: T;
  readonly save: (value: T) => Promise<void>;
  /** Whether trying again is useless: the text is locked, or was changed elsewhere. */
  readonly isFinal: (error: unknown) => boolean;
}

export class Draft<T> {
  private state: DraftState<T>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly options: DraftOptions<T>) {
    this.state = { value: options.value, status: "saved", error: undefined };
  }

  readonly read = (): DraftState<T> => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes a new value and saves it when the person pauses. */
  readonly change = (value: T): void => {
    this.set({ value, status: this.state.status === "refused" ? "refused" : "changed" });
    this.saveIn(IDLE_MS);
  };

  /** Saves what is unsaved now; resolves when nothing is on its way any more. Never rejects: `read()` says how it went. */
  readonly flush = (): Promise<void> => {
    clearTimeout(this.timer);
    this.running ??= this.run().finally(() => (this.running = undefined));
    return this.running;
  };

  private async run(): Promise<void> {
    while (this.state.status === "changed" || this.state.status === "failed") {
      const value = this.state.value;
      this.set({ value, status: "saving" });
      try {
        await this.options.save(value);
      } catch (error) {
        this.fail(error);
        return;
      }
      if (this.state.value === value) this.set({ value, status: "saved" });
    }
  }

  private fail(error: unknown): void {
    const final = this.options.isFinal(error);
    this.set({ value: this.state.value, status: final ? "refused" : "failed" }, error);
    // Nobody listens once the page is left: then there is nobody to try again for.
    if (!final && this.listeners.size > 0) this.saveIn(RETRY_MS);
  }

  private saveIn(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, delayMs);
  }

  private set(next: { value: T; status: DraftStatus }, error?: unknown): void {
    this.state = { ...next, error };
    for (const listener of this.listeners) listener();
  }
}
