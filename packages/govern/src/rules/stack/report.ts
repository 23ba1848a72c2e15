import type { Call, Method } from "@sampan/core";
import type { Counter, Meter } from "@sampan/core/ports";
import type { GuardReport } from "../../guard.js";

/** Something out of the ordinary that a guard did. */
export interface GuardEvent {
  readonly rule: string;
  readonly section: string;
  /** `order.v1.OrderService/CreateOrder`; empty when the guard covers several methods and no call is known. */
  readonly method: string;
  readonly refused: boolean;
  /** Why it refused, or what else happened. */
  readonly what: string;
}

export interface ReportsOptions {
  readonly meter: Meter | undefined;
  readonly observe: ((event: GuardEvent) => void) | undefined;
  /** The call that is on its way through the stack just now, for guards that do not say which. */
  readonly current: () => Call | undefined;
}

/** Turns what guards report into metrics and span events. */
export function guardReports(
  options: ReportsOptions,
): (rule: string, section: string, method: Method | undefined) => GuardReport {
  const { meter, observe, current } = options;
  return (rule, section, guarded) => {
    const counted = new Map<string, Counter>();
    const count = (refused: boolean, what: string, method: string): void => {
      if (meter === undefined) return;
      const key = `${refused} ${what} ${method}`;
      let counter = counted.get(key);
      if (counter === undefined) {
        const labels = { rule, section, method };
        counter = refused
          ? meter.counter({ name: "govern_refused_total", help: refusedHelp }, { ...labels, why: what })
          : meter.counter({ name: "govern_events_total", help: eventsHelp }, { ...labels, event: what });
        counted.set(key, counter);
      }
      counter.add();
    };
    const tell = (refused: boolean, what: string, of: Call | undefined): void => {
      const call = of ?? current();
      const method = (call?.method ?? guarded)?.path.slice(1) ?? "";
      count(refused, what, method);
      observe?.({ rule, section, method, refused, what });
      call?.event(refused ? "refused" : what, { rule: `${rule}/${section}`, ...(refused ? { why: what } : {}) });
    };
    return {
      refused: (why, call) => tell(true, why, call),
      happened: (what, call) => tell(false, what, call),
    };
  };
}

const refusedHelp = "Calls that a rule refused, or would have in shadow.";
const eventsHelp = "What rules did besides refusing.";
