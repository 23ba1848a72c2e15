import type { AuthorityState } from "./authority-state.js";

/** Where an authority's state is kept. Several processes may use one: who saves a revision first has made it. */
export interface AuthorityStore {
  /** The newest revision; undefined when there is none. */
  load(): Promise<AuthorityState | undefined>;
  /** Durably. False, and nothing is saved, when that revision exists already. */
  save(state: AuthorityState): Promise<boolean>;
  /** How often somebody else's change should be looked for, ms; undefined when there is nobody else. */
  readonly pollMs: number | undefined;
}

/** For tests, and for processes whose certificates end with them. */
export function memoryAuthorityStore(): AuthorityStore {
  let kept: AuthorityState | undefined;
  return {
    pollMs: undefined,
    load: async () => kept,
    async save(state) {
      if (kept !== undefined && kept.revision >= state.revision) return false;
      kept = state;
      return true;
    },
  };
}
