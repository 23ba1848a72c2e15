export type State = "starting" | "ready" | "draining" | "stopped";

const next: Readonly<Record<State, readonly State[]>> = {
  starting: ["ready", "draining", "stopped"],
  ready: ["draining", "stopped"],
  draining: ["stopped"],
  stopped: [],
};

/** The state of a process: starting → ready → draining → stopped. A process that fails to start goes straight to stopped. */
export class Lifecycle {
  #state: State = "starting";
  readonly #listeners: ((state: State) => void)[] = [];

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
