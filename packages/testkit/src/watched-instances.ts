import assert from "node:assert/strict";
import type { RpcError } from "@sampan/core";
import type { Instance, Resolver, ResolverEvent } from "@sampan/core/ports";

/** A watch whose events a test waits for. */
export interface WatchedInstances {
  /** How many events there were. */
  readonly events: number;
  /** Of the last event that was no error. */
  readonly instances: readonly Instance[] | undefined;
  /** Ids that were there and then were not, in order. */
  readonly lost: readonly string[];
  /** Empties `lost`. */
  forget(): void;
  first(): Promise<ResolverEvent>;
  /** Resolves when the last event is this set, in any order. */
  are(...instances: readonly Instance[]): Promise<void>;
  /** Resolves when the last event is one for which this holds. */
  until(holds: (event: ResolverEvent) => boolean, what?: string): Promise<ResolverEvent>;
  /** Resolves when the last event is an error. */
  error(): Promise<RpcError>;
  refresh(): void;
  close(): void;
}

/** A test that waits longer has failed. Nothing is measured by it. */
const patienceMs = 30_000;

/** Watches a service. */
export function watched(resolver: Resolver, service: string): WatchedInstances {
  let last: ResolverEvent | undefined;
  let instances: readonly Instance[] | undefined;
  let events = 0;
  const lost: string[] = [];
  const waiting = new Set<() => void>();
  const watch = resolver.watch(service, (event) => {
    last = event;
    if ("instances" in event) {
      const ids = new Set(event.instances.map(({ id }) => id));
      lost.push(...(instances ?? []).map(({ id }) => id).filter((id) => !ids.has(id)));
      instances = event.instances;
    }
    events++;
    for (const look of [...waiting]) look();
  });

  const until = (holds: (event: ResolverEvent) => boolean, what = "the event"): Promise<ResolverEvent> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (last === undefined || !holds(last)) return;
        waiting.delete(look);
        clearTimeout(late);
        resolve(last);
      };
      const late = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`${what} did not come; the last was ${JSON.stringify(last)}`));
      }, patienceMs);
      waiting.add(look);
      look();
    });

  return {
    get events() {
      return events;
    },
    get instances() {
      return instances;
    },
    lost,
    forget: () => void lost.splice(0),
    first: () => until(() => true),
    async are(...expected) {
      const wanted = byId(expected);
      await until((event) => "instances" in event && same(byId(event.instances), wanted), JSON.stringify(wanted));
    },
    until,
    async error() {
      const event = await until((each) => "error" in each, "an error");
      assert.ok("error" in event);
      return event.error;
    },
    refresh: () => watch.refresh(),
    close: () => watch.close(),
  };
}

function byId(instances: readonly Instance[]): Instance[] {
  return [...instances].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function same(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}
