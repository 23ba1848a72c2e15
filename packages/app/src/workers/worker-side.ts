import cluster from "node:cluster";
import { encodeSnapshot, type MetricsRegistry, type RingTracer, tracesPage } from "@sampan/telemetry";
import type { Addresses } from "../addresses.js";
import type { Lifecycle, State } from "../lifecycle.js";
import { placeVariable } from "./forked-worker.js";
import { type FromWorker, isOurs, type ToWorker, toWorker } from "./messages.js";

let place: number | undefined;

/** The place of this process when it is a worker of a service; undefined otherwise. */
export function workerPlace(): number | undefined {
  const told = process.env[placeVariable];
  if (told !== undefined && cluster.isWorker) {
    place = Number(told);
    // What this process starts is no worker.
    delete process.env[placeVariable];
  }
  return place;
}

/** Whether a process does what exists once in a service; place 1 is filled again when its worker has ended. */
export function doesRuns(place: number | undefined): boolean {
  return place === undefined || place === 1;
}

export interface WorkerSideOptions {
  readonly lifecycle: Lifecycle;
  readonly addresses: Addresses;
  readonly meter: MetricsRegistry;
  readonly tracer: RingTracer;
  /** Larger answers are not sent, characters. */
  readonly maxReport: number;
  /** Drains this process and ends it. */
  readonly stop: () => void;
}

/** Tells the primary of each state, answers what it asks, and stops when it says so or is gone. */
export function followPrimary(options: WorkerSideOptions): void {
  const { lifecycle, addresses, stop } = options;
  const report = (state: State): void => {
    void tell({ kind: "state", state, addresses: Object.fromEntries(addresses.all) });
  };
  process.on("message", (message: unknown) => {
    if (!isOurs<ToWorker>(message, toWorker)) return;
    if (message.kind === "stop") stop();
    else if (message.kind === "ask") void answer(options, message);
  });
  cluster.worker?.on("disconnect", () => {
    // Node would exit at once; calls in hand are to be finished all the same.
    if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
    stop();
  });
  lifecycle.onChange(report);
  // From here on it can be told things.
  report(lifecycle.state);
}

/** Why this worker does not start; resolves when it has been told. */
export function tellFailure(why: string): Promise<void> {
  return tell({ kind: "failed", why });
}

/** The figures as they are at the end; resolves when they are on their way. */
export async function tellFigures(meter: MetricsRegistry, maxReport: number): Promise<void> {
  const body = encodeSnapshot(meter.snapshot());
  if (body.length <= maxReport) await tell({ kind: "figures", body });
}

async function answer(
  { meter, tracer, maxReport }: WorkerSideOptions,
  { id, subject, query }: ToWorker & { readonly kind: "ask" },
): Promise<void> {
  const { status, body } =
    subject === "metrics"
      ? { status: 200, body: encodeSnapshot(meter.snapshot()) }
      : await tracesPage(tracer).answer(new URLSearchParams(query));
  await tell(body.length > maxReport ? { kind: "answer", id, status } : { kind: "answer", id, status, body });
}

/** Resolves also when the primary cannot hear it: then it is gone, and nobody needs to know. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
