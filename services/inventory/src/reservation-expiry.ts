import type { Clock, Runtime } from "@sampan/core";
import { expireReservation, type StockStore } from "./inventory-service.js";

export interface ReservationExpiryOptions {
  readonly store: StockStore;
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
}

/**
 * Frees reservations that nobody confirmed or released in time. Orders release their own; this is for those whose
 * owner is gone. `stop` waits for a look that is under way.
 */
export function reservationExpiry({ store, runtime, clock, everyMs }: ReservationExpiryOptions): {
  start(): void;
  stop(): Promise<void>;
} {
  let cancel: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const look = async (): Promise<void> => {
    try {
      await runtime.run({ name: "inventory/expire-reservations" }, async (call) => {
        const now = clock.now();
        for (const id of await store.expired(now, 100)) await expireReservation(store, id, now, call);
      });
    } catch (error) {
      runtime.logger.error("reservations could not be expired; trying again later", { error });
    }
  };
  const arm = (): void => {
    cancel = clock.timer(
      everyMs,
      () => {
        running = look().then(() => {
          if (!stopped) arm();
        });
      },
      { background: true },
    );
  };
  return {
    start: arm,
    stop(): Promise<void> {
      stopped = true;
      cancel?.();
      return running;
    },
  };
}
