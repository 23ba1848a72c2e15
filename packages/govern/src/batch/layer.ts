import { type Call, encodeMessage, type Handler, type Method, RpcError } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import type { GuardKind } from "../rules/section.js";
import { type BatchShape, batchShape } from "./batch-shape.js";
import { type Batch, Collector } from "./collector.js";
import { type BatchPolicy, batchSection } from "./policy.js";

export const batchKind: GuardKind<BatchPolicy> = {
  section: batchSection,
  make: (policy, enforcement, context) => new BatchGuard(policy, enforcement, context),
};

/** Why calls of a method cannot be made together; undefined when they can. A guard leaves such calls as they are. */
export function batchMisfit(method: Method): string | undefined {
  const shape = batchShape(method);
  return typeof shape === "string" ? shape : undefined;
}

/** One call that waits for its part of a batch. */
interface Item {
  readonly shape: BatchShape;
  readonly next: Handler;
  readonly request: unknown;
  readonly call: Call;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class BatchGuard implements Guard<BatchPolicy> {
  #policy: BatchPolicy;
  #shadow: boolean;
  readonly #context: GuardContext;
  readonly #timers = new Map<Batch<Item>, () => void>();
  readonly #collector: Collector<Item>;
  #closed = false;

  constructor(policy: BatchPolicy, enforcement: Enforcement, context: GuardContext) {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#context = context;
    this.#collector = new Collector(
      (batch) => this.#send(batch),
      (batch) => {
        const flush = (): void => this.#collector.flush(batch);
        this.#timers.set(batch, context.clock.timer(this.#policy.maxDelayMs, flush));
      },
    );
  }

  wrap(next: Handler, method: Method): Handler {
    const shape = batchShape(method);
    if (typeof shape === "string") return next;
    return (request, call) => {
      // Request headers would reach calls that they were not meant for, so such a call goes alone.
      if (this.#shadow || this.#closed || (call.peekMetadata()?.size ?? 0) > 0) return next(request, call);
      return new Promise((resolve, reject) => {
        const bytes = encodeMessage(method.input, request).length;
        const { maxItems, maxBytes } = this.#policy;
        const bounds = { maxItems: Math.min(maxItems, shape.maxItems), maxBytes };
        const item: Item = { shape, next, request, call, resolve, reject };
        // Leaves at once; what was sent for it stays sent.
        call.onAbort(reject);
        this.#collector.add(keyOf(method, call), item, bytes, bounds);
      });
    };
  }

  reload(policy: BatchPolicy, enforcement: Enforcement): void {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
  }

  state(): GuardState {
    return { gathering: this.#collector.size };
  }

  close(): void {
    this.#closed = true;
    this.#collector.flushAll();
  }

  #send(batch: Batch<Item>): void {
    this.#timers.get(batch)?.();
    this.#timers.delete(batch);
    const items = batch.items.filter(({ call }) => !call.settled);
    const first = items[0];
    if (first === undefined) return;
    if (items.length === 1) {
      alone(first);
      return;
    }
    this.#context.report.happened("batched");
    together(items, first).then(
      (answers) => {
        answers.forEach((answer, i) => {
          const { resolve, reject } = items[i] as Item;
          if (answer instanceof RpcError) reject(answer);
          else resolve(answer);
        });
      },
      (error: unknown) => {
        for (const { reject } of items) reject(error);
      },
    );
  }
}

function alone({ next, request, call, resolve, reject }: Item): void {
  try {
    resolve(next(request, call));
  } catch (thrown) {
    reject(thrown);
  }
}

/**
 * On a root call, because no single caller owns it: the earliest deadline of all, the tenant, release and user that all
 * have in common. It is given up when nobody waits for it any more.
 */
async function together(items: readonly Item[], { shape, call }: Item): Promise<readonly unknown[]> {
  const { runtime } = call;
  const timeoutMs = items.reduce((least, item) => Math.min(least, item.call.remaining()), Number.POSITIVE_INFINITY);
  const request = shape.join(items.map((item) => item.request));
  const name = `batch${shape.method.path}`;
  const response = await runtime.run({ name, timeoutMs, origin: call.origin }, async (root) => {
    for (const [key, value] of call.baggage) root.setBaggage(key, value);
    let waiting = items.length;
    for (const item of items) {
      item.call.onAbort(() => {
        if (--waiting === 0) root.abort();
      });
    }
    return runtime.start(root, shape.method, request, call.user === undefined ? {} : { user: call.user });
  });
  return shape.split(response, items.length);
}

/** Calls are made together only when they could not be told apart but for their requests. */
function keyOf(method: Method, call: Call): string {
  const { tenant, releaseTag, user, baggage } = call;
  return JSON.stringify([method.path, tenant, releaseTag, user?.subject, user?.roles, ...baggage]);
}
