import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { Code, RpcError, type Runtime, retryDelayMs } from "@sampan/core";
import { instanceHeader } from "./instance-header.js";

/** How one call went. Times are monotonic ms. */
export interface Shot {
  readonly at: number;
  readonly tookMs: number;
  /** The instance that answered; empty when none did. */
  readonly instance: string;
  readonly error: RpcError | undefined;
}

/** How the calls of one caller went. */
export interface Tally {
  readonly calls: number;
  readonly ok: number;
  /** Refused by a rule. */
  readonly refused: number;
  /** Of those, how many were told when to come again. */
  readonly hinted: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  /** Calls answered, by instance. */
  readonly byInstance: ReadonlyMap<string, number>;
}

/** How often calls are started, in ms. */
const tickMs = 10;
/** A caller that has so many calls open starts no more. */
const maxOpen = 2000;

/** One tenant that asks for stock at a steady rate, whatever the answers are (open loop). */
export class StockCaller {
  readonly tenant: string;
  readonly shots: Shot[] = [];
  readonly #runtime: Runtime;
  #perSecond: number;
  #owed = 0;
  #open = 0;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(runtime: Runtime, tenant: string, perSecond: number) {
    this.#runtime = runtime;
    this.tenant = tenant;
    this.#perSecond = perSecond;
  }

  set perSecond(rate: number) {
    this.#perSecond = rate;
  }

  start(): void {
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Resolves when the last call has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#open > 0) await new Promise((resolve) => setTimeout(resolve, tickMs));
  }

  #tick(): void {
    const now = performance.now();
    // A late tick does not become a burst of more than a tenth of a second.
    this.#owed = Math.min(this.#owed + ((now - this.#last) / 1000) * this.#perSecond, this.#perSecond / 10);
    this.#last = now;
    for (; this.#owed >= 1 && this.#open < maxOpen; this.#owed--) void this.#call();
  }

  async #call(): Promise<void> {
    const at = performance.now();
    let instance = "";
    this.#open++;
    const origin = { tenant: this.tenant, releaseTag: "", traceparent: "" };
    const error = await this.#runtime
      .run({ name: "storm/check", timeoutMs: 2000, origin }, (call) =>
        call.to(InventoryService).checkStock(
          { productId: "storm-tea", quantity: 1n },
          {
            onHeaders: (headers) => {
              instance = String(headers.get(instanceHeader) ?? "");
            },
          },
        ),
      )
      .then(
        () => undefined,
        (thrown: unknown) => RpcError.from(thrown),
      );
    this.#open--;
    this.shots.push({ at, tookMs: performance.now() - at, instance, error });
  }
}

export function tally(shots: readonly Shot[]): Tally {
  const good = shots.filter(({ error }) => error === undefined);
  const refused = shots.filter(({ error }) => error?.code === Code.ResourceExhausted);
  const byInstance = new Map<string, number>();
  for (const { instance } of good) byInstance.set(instance, (byInstance.get(instance) ?? 0) + 1);
  const times = good.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    calls: shots.length,
    ok: good.length,
    refused: refused.length,
    hinted: refused.filter(({ error }) => retryDelayMs(error as RpcError) !== undefined).length,
    failed: shots.length - good.length - refused.length,
    p50: at(0.5),
    p99: at(0.99),
    byInstance,
  };
}
