import type { Clock } from "@sampan/core";
import type { StandinEvent } from "./events.js";
import { Journal } from "./journal.js";
import { StandinState } from "./state.js";

/** The state and its journal. Without a file everything is forgotten with the process. */
export class Store {
  readonly state: StandinState;
  readonly #journal: Journal | undefined;

  private constructor(state: StandinState, journal: Journal | undefined) {
    this.state = state;
    this.#journal = journal;
  }

  /** The clock says what has expired and need not be kept. */
  static async open(file: string | undefined, clock: Clock): Promise<Store> {
    const state = new StandinState();
    const journal =
      file === undefined
        ? undefined
        : await Journal.open(
            file,
            (event) => state.apply(event),
            () => clock.now(),
          );
    return new Store(state, journal);
  }

  /** Happens at once in memory; is on the disk when `durable` resolves, which every answer about money waits for. */
  commit(event: StandinEvent): void {
    this.state.apply(event);
    this.#journal?.append(event);
  }

  durable(): Promise<void> {
    return this.#journal?.flushed() ?? Promise.resolve();
  }

  close(): Promise<void> {
    return this.#journal?.close() ?? Promise.resolve();
  }
}
