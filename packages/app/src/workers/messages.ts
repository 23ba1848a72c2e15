import type { State } from "../lifecycle.js";

/** What can be asked of a worker. */
export type Subject = "metrics" | "traces";

/** From the primary to a worker. */
export type ToWorker =
  | { readonly kind: "ask"; readonly id: number; readonly subject: Subject; readonly query: string }
  | { readonly kind: "stop" };

/** From a worker to the primary. */
export type FromWorker =
  | { readonly kind: "state"; readonly state: State; readonly addresses: Readonly<Record<string, string>> }
  /** Why it does not start. */
  | { readonly kind: "failed"; readonly why: string }
  /** `body` is missing when it would be larger than `process.workerReportLimit`. */
  | { readonly kind: "answer"; readonly id: number; readonly status: number; readonly body?: string }
  /** The last figures of one that stops. */
  | { readonly kind: "figures"; readonly body: string };

/** Whether something that came over the channel is a message of ours; programs may send their own. */
export function isOurs<M extends FromWorker | ToWorker>(message: unknown, kinds: readonly M["kind"][]): message is M {
  const { kind } = (message ?? {}) as { readonly kind?: unknown };
  return kinds.some((each) => each === kind);
}

export const fromWorker: readonly FromWorker["kind"][] = ["state", "failed", "answer", "figures"];
export const toWorker: readonly ToWorker["kind"][] = ["ask", "stop"];
