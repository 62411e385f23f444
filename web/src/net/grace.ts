/** A while in which an absence is expected and nobody has to know of it. */
export class Grace {
  readonly #lengthMs: number;
  readonly #onOver: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `onOver` is called when it took too long. */
  constructor(lengthMs: number, onOver: () => void) {
    this.#lengthMs = lengthMs;
    this.#onOver = onOver;
  }

  get isOn(): boolean {
    return this.#timer !== null;
  }

  begin(): void {
    this.end();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#onOver();
    }, this.#lengthMs);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
