/**
 * Text that saves itself: one save at a time, the newest value always last, a failed save tried again.
 * Knows neither React nor the server; how to save and which refusals are final are handed in.
 */

const IDLE_MS = 800;
const RETRY_MS = 5_000;

/** saved: the server has it · changed: not yet sent · saving: on its way · failed: tried again soon · refused: never will be. */
export type DraftStatus = "saved" | "changed" | "saving" | "failed" | "refused";

export interface DraftState<T, Agreed> {
  readonly value: T;
  /** What the last successful save agreed with the server: a version, ids it gave. The next save begins from it. */
  readonly agreed: Agreed;
  readonly status: DraftStatus;
  /** Why the last save failed or was refused. */
  readonly error: unknown;
}

export interface DraftOptions<T, Agreed> {
  readonly value: T;
  readonly agreed: Agreed;
  readonly save: (value: T, agreed: Agreed) => Promise<Agreed>;
  /** Whether trying again is useless: the text is locked, or was changed elsewhere. */
  readonly isFinal: (error: unknown) => boolean;
}

export class Draft<T, Agreed> {
  private state: DraftState<T, Agreed>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly options: DraftOptions<T, Agreed>) {
    this.state = { value: options.value, agreed: options.agreed, status: "saved", error: undefined };
  }

  readonly read = (): DraftState<T, Agreed> => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Takes a new value and saves it when the person pauses. */
  readonly change = (value: T): void => {
    this.set({ value, status: this.state.status === "refused" ? "refused" : "changed", error: this.state.error });
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
      const { value, agreed } = this.state;
      this.set({ status: "saving", error: undefined });
      try {
        this.set({ agreed: await this.options.save(value, agreed) });
      } catch (error) {
        this.fail(error);
        return;
      }
      if (this.state.value === value) this.set({ status: "saved" });
    }
  }

  private fail(error: unknown): void {
    const final = this.options.isFinal(error);
    this.set({ status: final ? "refused" : "failed", error });
    // Nobody listens once the page is left: then there is nobody to try again for.
    if (!final && this.listeners.size > 0) this.saveIn(RETRY_MS);
  }

  private saveIn(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, delayMs);
  }

  private set(part: Partial<DraftState<T, Agreed>>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}
