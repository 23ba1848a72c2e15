/** From best to worst; the worst of all checks is the state of the process. */
const states = ["up", "starting", "draining", "down"] as const;

export type HealthState = (typeof states)[number];

export interface HealthCheck {
  readonly name: string;
  readonly state: HealthState;
  /** Why it is not up; empty when it is, or when nobody said. */
  readonly reason: string;
}

export interface HealthReport {
  /** Whether the process should get traffic: there is a check, and all are up. */
  readonly ready: boolean;
  readonly state: HealthState;
  readonly checks: readonly HealthCheck[];
}

/** What the parts of a process say of themselves. Whoever knows sets a state; nothing is asked. */
export interface Health {
  set(name: string, state: HealthState, reason?: string): void;
  remove(name: string): void;
  report(): HealthReport;
  /** Called after each change of a state; the returned function ends it. */
  onChange(listener: (report: HealthReport) => void): () => void;
}

export function createHealth(): Health {
  const checks = new Map<string, HealthCheck>();
  const listeners = new Set<(report: HealthReport) => void>();
  const report = (): HealthReport => {
    const all = [...checks.values()];
    // Nothing has said anything yet: the process is on its way up.
    const worst = all.length === 0 ? 1 : Math.max(...all.map((check) => states.indexOf(check.state)));
    const state = states[worst] as HealthState;
    return { ready: state === "up", state, checks: all };
  };
  const changed = (): void => {
    const now = report();
    for (const listener of listeners) listener(now);
  };
  return {
    set(name, state, reason = "") {
      const before = checks.get(name);
      if (before?.state === state && before.reason === reason) return;
      checks.set(name, { name, state, reason });
      changed();
    },
    remove(name) {
      if (checks.delete(name)) changed();
    },
    report,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
