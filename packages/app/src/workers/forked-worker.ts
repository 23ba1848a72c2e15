import cluster from "node:cluster";
import { type FromWorker, fromWorker, isOurs, type ToWorker } from "./messages.js";

/** A worker process, as the primary sees it. */
export interface ForkedWorker {
  /** Never used again for another one. */
  readonly id: number;
  readonly pid: number;
  /** Does nothing when it is gone. */
  send(message: ToWorker): void;
  /** Ends it at once. */
  kill(): void;
}

export interface WorkerEvents {
  onMessage(message: FromWorker): void;
  /** Called once, when it has ended and everything that it said has been heard. */
  onEnd(end: WorkerEnd): void;
}

export interface WorkerEnd {
  /** Whether it exited with status 0. */
  readonly clean: boolean;
  /** `exit status 1`, `ended by SIGKILL` */
  readonly why: string;
}

/** Starts the worker of a place. */
export type Fork = (place: number, events: WorkerEvents) => ForkedWorker;

/**
 * The variable that tells a worker its place. Without the prefix of settings, among which it would be an unknown one.
 */
export const placeVariable = "NODE_WORKER_PLACE";

/**
 * Workers that run the program of this process, with its flags. The primary accepts connections and hands them out in
 * turn: left to the kernel, connections gather in few workers, and one of HTTP/2 stays where it is for hours.
 */
export function clusterFork(): Fork {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  return (place, { onMessage, onEnd }) => {
    const worker = cluster.fork({ [placeVariable]: String(place) });
    let isOver = false;
    const over = (end: WorkerEnd): void => {
      if (isOver) return;
      isOver = true;
      onEnd(end);
    };
    worker.on("message", (message: unknown) => {
      if (isOurs<FromWorker>(message, fromWorker)) onMessage(message);
    });
    // What cannot be forked or written to ends, or has ended; its end is what counts.
    worker.on("error", (error) => {
      if (worker.process.pid === undefined) over({ clean: false, why: error.message });
    });
    // Not `disconnect`, which never comes for a worker that was killed in the middle of a message (Node 20). The messages
    // before it are told in ticks after this one.
    worker.process.once("close", (code: number | null, signal: NodeJS.Signals | null) => {
      const why = signal === null ? `exit status ${code}` : `ended by ${signal}`;
      setImmediate(over, { clean: code === 0, why });
    });
    return {
      id: worker.id,
      pid: worker.process.pid ?? 0,
      send(message) {
        // Its channel can close before we hear that it has.
        if (worker.isConnected()) worker.process.send?.(message, undefined, undefined, () => {});
      },
      kill: () => void worker.process.kill("SIGKILL"),
    };
  };
}
