import type { Meter } from "@sampan/core/ports";
import type { EndpointObserver } from "@sampan/discovery";

/** Endpoints of one service that have figures of their own; those beyond are counted as `other`. */
const maxLabels = 64;

/** Counts the calls that went to each endpoint, and asks and tells another observer, if there is one. */
export function countingObserver(service: string, meter: Meter, inner?: EndpointObserver): EndpointObserver {
  const counters = new Map<string, { readonly ok: { add(): void }; readonly failed: { add(): void } }>();
  const counterOf = (endpoint: string) => ({
    ok: meter.counter(calls, { service, endpoint, outcome: "ok" }),
    failed: meter.counter(calls, { service, endpoint, outcome: "failed" }),
  });
  const other = counterOf("other");
  return {
    healthy: (address, now) => inner?.healthy(address, now) ?? true,
    outcome(address, ok, tookMs, now) {
      let counter = counters.get(address);
      if (counter === undefined) {
        counter = counters.size < maxLabels ? counterOf(address) : other;
        if (counter !== other) counters.set(address, counter);
      }
      (ok ? counter.ok : counter.failed).add();
      inner?.outcome(address, ok, tookMs, now);
    },
  };
}

const calls = {
  name: "discovery_calls_total",
  help: "Calls by the instance that they went to; failed: the instance could not be reached or did not answer in time.",
};
