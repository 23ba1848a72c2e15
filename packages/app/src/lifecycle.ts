/** The state of a process: starting → ready → draining → stopped. A start that fails goes from starting to draining. */
export type State = "starting" | "ready" | "draining" | "stopped";

const next: Readonly<Record<State, readonly State[]>> = {
  starting: ["ready", "draining"],
  ready: ["draining"],
  draining: ["stopped"],
  stopped: [],
};

/** Where a process is in its life. Listeners are called at once, in the order in which they were added. */
export class Lifecycle {
  #state: State = "starting";
  readonly #listeners: ((state: State) => void)[] = [];
  /** Resolves when the process has stopped. */
  readonly stopped: Promise<void>;

  constructor() {
    this.stopped = new Promise((resolve) => {
      this.onChange((state) => {
        if (state === "stopped") resolve();
      });
    });
  }

  get state(): State {
    return this.#state;
  }

  /** Throws `TypeError` for a step that does not exist. */
  enter(state: State): void {
    if (!next[this.#state].includes(state))
      throw new TypeError(`a process that is ${this.#state} cannot become ${state}`);
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  onChange(listener: (state: State) => void): void {
    this.#listeners.push(listener);
  }
}
