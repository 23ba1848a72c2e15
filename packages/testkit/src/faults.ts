import { type Call, type Clock, type Code, type Handler, type Layer, type Method, RpcError, sleep } from "@sampan/core";
import { seededRandom } from "./seeded-random.js";

/**
 * What goes wrong with a call:
 * `delay` starts it later; `fail` refuses it, so that its handler never runs; `drop` never answers, until the call is
 * aborted; `duplicate` runs the handler a second time with the same request, as when a network delivers it twice, and
 * answers with the second (not for requests that stream, which exist once).
 */
export type Fault =
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "fail"; readonly code: Code; readonly message?: string }
  | { readonly kind: "drop" }
  | { readonly kind: "duplicate" };

/** The first rule that fits a call and wins its throw decides; a call that none fits passes. */
export interface FaultRule {
  readonly fault: Fault;
  /** The method's name (`CreateOrder`) or path; every method when absent. */
  readonly method?: string;
  /** From 0 to 1; 1 when absent. */
  readonly probability?: number;
  /** The rule is used up after so many faults. */
  readonly times?: number;
}

export interface FaultOptions {
  /** Whose time delays take. */
  readonly clock: Clock;
  /** The same seed and the same order of calls give the same faults. Default 1. */
  readonly seed?: number;
}

/** A layer that breaks calls on purpose; on the client it stands for the network, on the server for a bad handler. */
export function faults(rules: readonly FaultRule[], { clock, seed = 1 }: FaultOptions): Layer {
  const random = seededRandom(seed);
  const left = rules.map((rule) => rule.times ?? Number.POSITIVE_INFINITY);

  return (next, method) => {
    const fitting = rules.flatMap((rule, index) =>
      rule.method === undefined || rule.method === method.name || rule.method === method.path ? [{ rule, index }] : [],
    );
    if (fitting.length === 0) return next;
    return (request, call) => {
      for (const { rule, index } of fitting) {
        if ((left[index] as number) <= 0 || random() >= (rule.probability ?? 1)) continue;
        left[index] = (left[index] as number) - 1;
        return inflict(rule.fault, next, method, request, call, clock);
      }
      return next(request, call);
    };
  };
}

function inflict(fault: Fault, next: Handler, method: Method, request: unknown, call: Call, clock: Clock): unknown {
  switch (fault.kind) {
    case "fail":
      throw new RpcError(fault.code, fault.message ?? "injected by faults()");
    case "drop":
      return later(method, untilAborted(call), () => undefined);
    case "delay":
      return later(method, sleep(clock, fault.ms, call.signal), () => next(request, call));
    case "duplicate":
      if (!method.clientStreams) discard(method, next(request, call));
      return next(request, call);
  }
}

function untilAborted(call: Call): Promise<never> {
  return new Promise((_, reject) => call.onAbort(reject));
}

/** The handler's answer, which starts once `start` has resolved. */
function later(method: Method, start: Promise<void>, handler: () => unknown): unknown {
  if (!method.serverStreams) return start.then(handler);
  let inner: AsyncIterator<unknown> | undefined;
  return {
    [Symbol.asyncIterator]: () => ({
      async next(): Promise<IteratorResult<unknown>> {
        await start;
        inner ??= (handler() as AsyncIterable<unknown>)[Symbol.asyncIterator]();
        return inner.next();
      },
      return(): Promise<IteratorResult<unknown>> {
        start.catch(() => {});
        void inner?.return?.();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}

/** Runs an answer to its end, for its effects. */
function discard(method: Method, answer: unknown): void {
  const run = async (): Promise<void> => {
    if (!method.serverStreams) await answer;
    else for await (const _ of answer as AsyncIterable<unknown>);
  };
  run().catch(() => {});
}
