import type { Instance, LogFields } from "@sampan/core/ports";
import type { BackendSettings } from "./backend-settings.js";
import type { LeaseTimes } from "./lease-plan.js";
import type { LoopWatchTimes } from "./loop-watch.js";

/** What the thread is started with. */
export interface LeaseThreadData {
  readonly settings: BackendSettings;
  readonly times: LeaseTimes;
  readonly loop: LoopWatchTimes;
  /** One 32-bit number that the main thread counts up while its event loop turns. */
  readonly beat: SharedArrayBuffer;
}

/** To the thread. `ask` names the answer. */
export type LeaseRequest =
  | {
      readonly kind: "register";
      readonly ask: number;
      readonly id: number;
      readonly service: string;
      readonly instance: Instance;
    }
  | { readonly kind: "update"; readonly ask: number; readonly id: number; readonly instance: Instance }
  | { readonly kind: "close"; readonly ask: number; readonly id: number }
  | { readonly kind: "end"; readonly ask: number };

/** From the thread. */
export type LeaseReply =
  | { readonly kind: "answer"; readonly ask: number; readonly failure?: LeaseFailure }
  | {
      readonly kind: "log";
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields: LogFields;
    };

/** An `RpcError` does not survive the way between threads; its reason and its text do. */
export interface LeaseFailure {
  readonly reason: string;
  readonly why: string;
}

/** How often the main thread counts, and the other one looks, in ms. */
export const beatEveryMs = 100;
