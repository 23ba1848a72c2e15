import assert from "node:assert/strict";
import { type RunningProcess, run, service } from "@sampan/app";
import { settings } from "@sampan/config";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import { type Call, RpcError } from "@sampan/core";
import type { SplitPlatform } from "./start-split.js";

const product = "tea";
const stock = 1_000_000n;

/** One call that was made under load. Times are ms of the monotonic clock. */
export interface Shot {
  readonly kind: "check" | "reserve";
  readonly startedAt: number;
  readonly endedAt: number;
  readonly error: RpcError | undefined;
}

/** Another process of the platform, as its registry sees it, in the process of the test. */
export interface Caller {
  /** Every call so far that has ended. */
  readonly shots: readonly Shot[];
  /** Calls that ended well at each address, with the time of the last. */
  readonly landed: ReadonlyMap<string, { readonly calls: number; readonly at: number }>;
  /** Health of the instances that it knows, by the end of their address. */
  healths(): ReadonlyMap<string, string>;
  /** Begins to call, with so many calls at a time, until `rest`. */
  fire(kinds: readonly Shot["kind"][], clients?: number): void;
  /** Stops calling; resolves when the last call has ended. */
  rest(): Promise<void>;
  /** What was reserved successfully by this caller, and what the inventory says is by all. */
  reserved(): Promise<{ readonly answered: number; readonly booked: number }>;
  close(): Promise<void>;
}

const callTimeoutMs = 3_000;
const asOperator = { user: { subject: "load", roles: ["operator"] } };

/** Puts the product on the shelf and is ready to call. `rules` is a file of traffic rules. */
export async function startCaller(platform: SplitPlatform, rules = ""): Promise<Caller> {
  const landed = new Map<string, { calls: number; at: number }>();
  const process: RunningProcess = await run(
    service({ name: "caller", settings: settings({}), needs: {}, build: () => ({}) }),
    {
      signals: false,
      sources: {
        argv: [],
        env: {},
        folder: "none",
        set: {
          process: {
            registry: platform.registry,
            criticalServices: [InventoryService.typeName],
            adminPort: -1,
            logLevel: "error",
          },
          govern: { rules },
        },
      },
      observerOf: () => ({
        healthy: () => true,
        outcome(address, ok, _tookMs, at) {
          if (ok) landed.set(address, { calls: (landed.get(address)?.calls ?? 0) + 1, at });
        },
      }),
    },
  );
  const runtime = process.runtime("caller");
  const shots: Shot[] = [];
  let clients: Promise<void>[] = [];
  let firing = false;
  let number = 0;
  const inventory = (call: Call) => call.to(InventoryService);
  const calls: Readonly<Record<Shot["kind"], (call: Call) => Promise<unknown>>> = {
    check: (call) => inventory(call).checkStock({ productId: product, quantity: 1n }),
    reserve: (call) =>
      inventory(call).reserve({
        reservationId: `${process.discovery?.instanceId}-${number++}`,
        lines: [{ productId: product, quantity: 1n }],
        expiresAt: { seconds: BigInt(Math.round(Date.now() / 1000)) + 3600n, nanos: 0 },
      }),
  };
  const shoot = async (kind: Shot["kind"]): Promise<void> => {
    const startedAt = performance.now();
    const error = await runtime.run({ name: kind, timeoutMs: callTimeoutMs }, calls[kind]).then(
      () => undefined,
      (thrown: unknown) => RpcError.from(thrown),
    );
    shots.push({ kind, startedAt, endedAt: performance.now(), error });
  };
  await runtime.run({ name: "stock" }, (call) =>
    inventory(call).addStock({ lines: [{ productId: product, quantity: stock }], idempotencyKey: "load" }, asOperator),
  );
  return {
    shots,
    landed,
    healths() {
      const state = process.discovery?.states().get(InventoryService.typeName);
      return new Map((state?.instances ?? []).map(({ address, health }) => [address.replace(/.*\//, ""), health]));
    },
    fire(kinds, count = 8) {
      assert.equal(firing, false);
      firing = true;
      clients = Array.from({ length: count }, async (_, client) => {
        for (let i = client; firing; i++) {
          await shoot(kinds[i % kinds.length] as Shot["kind"]);
          // A pause, so that the processes that are started and stopped meanwhile get their turn.
          await new Promise((resolve) => setTimeout(resolve, 4));
        }
      });
    },
    async rest() {
      firing = false;
      await Promise.all(clients);
    },
    async reserved() {
      const { levels } = await runtime.run({ name: "audit" }, (call) => inventory(call).listStock({}, asOperator));
      const level = levels.find(({ productId }) => productId === product);
      const answered = shots.filter(({ kind, error }) => kind === "reserve" && error === undefined).length;
      return { answered, booked: Number(level?.reserved ?? 0n) };
    },
    close: () => process.stop(),
  };
}

/** What failed, as `kind: code message`, with how often. */
export function failures(shots: readonly Shot[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind, error } of shots) {
    if (error === undefined) continue;
    const name = `${kind}: code ${error.code} ${error.message}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
