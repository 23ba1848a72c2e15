import { phases } from "./phases.js";
import { Shopper } from "./shopper.js";
import { openStage, type Stage } from "./stage.js";
import { StockCaller, tally } from "./traffic.js";

export interface StormOptions {
  /** The usual length of a phase, in ms. */
  readonly phaseMs: number;
  readonly print: (line: string) => void;
  /** Aborting it ends the demonstration early; everything is closed. */
  readonly signal?: AbortSignal;
}

/** What one caller saw in one phase. */
export interface StormRow {
  readonly phase: string;
  readonly caller: string;
  readonly calls: number;
  readonly ok: number;
  readonly refused: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
}

export interface StormClaim {
  readonly phase: string;
  readonly claim: string;
  readonly holds: boolean;
}

export interface StormResult {
  readonly rows: readonly StormRow[];
  readonly claims: readonly StormClaim[];
}

/** Starts the platform, hurts it while it is used, and says what each caller saw. */
export async function runStorm(options: StormOptions): Promise<StormResult> {
  const { print } = options;
  print("starting the split platform with three instances of the inventory …");
  const stage = await openStage();
  try {
    return await play(stage, options);
  } finally {
    print("stopping …");
    await stage.close();
  }
}

async function play(stage: Stage, { phaseMs, print, signal }: StormOptions): Promise<StormResult> {
  const { url, standinUrl, operatorKey } = stage.platform;
  const shopper = new Shopper({ url, standinUrl, operatorKey });
  await shopper.prepare();
  const callers = {
    acme: new StockCaller(stage.caller, "acme", 60),
    globex: new StockCaller(stage.caller, "globex", 60),
    noisy: new StockCaller(stage.caller, "noisy", 20),
  };
  const rows: StormRow[] = [];
  const claims: StormClaim[] = [];
  const all = Object.values(callers);
  for (const caller of all) caller.start();
  shopper.start();
  try {
    // What every process does once at its start is nobody's measure.
    await new Promise((resolve) => setTimeout(resolve, phaseMs / 2));
    for (const phase of phases) {
      if (signal?.aborted) break;
      print(`${phase.name}: ${phase.what}`);
      const from = performance.now();
      const found = await phase.run({ stage, callers }, phaseMs);
      for (const claim of found) {
        claims.push({ phase: phase.name, ...claim });
        print(`  ${claim.holds ? "✓" : "✗"} ${claim.claim}`);
      }
      for (const { tenant, shots } of all) {
        const { calls, ok, refused, failed, p50, p99 } = tally(shots.filter(({ at }) => at >= from));
        rows.push({ phase: phase.name, caller: tenant, calls, ok, refused, failed, p50, p99 });
      }
      rows.push(ordersOf(phase.name, shopper, from));
    }
  } finally {
    await Promise.all([...all.map((caller) => caller.stop()), shopper.stop()]);
  }
  const lost = await shopper.unconfirmed();
  const unaccounted = await shopper.unaccounted();
  const taken = shopper.orders.filter(({ orderId }) => orderId !== "").length;
  const bad = shopper.orders.length - taken;
  const atTheEnd = [
    { claim: `orders: ${taken} of ${shopper.orders.length} were taken`, holds: taken > 0 && bad === 0 },
    { claim: `all that were taken are confirmed (${lost.length} are not)`, holds: lost.length === 0 },
    { claim: `the stock is what it must be (${unaccounted} pieces unaccounted for)`, holds: unaccounted === 0 },
  ];
  print("afterwards:");
  for (const claim of atTheEnd) {
    claims.push({ phase: "afterwards", ...claim });
    print(`  ${claim.holds ? "✓" : "✗"} ${claim.claim}`);
  }
  shopper.close();
  return { rows, claims };
}

function ordersOf(phase: string, shopper: Shopper, from: number): StormRow {
  const orders = shopper.orders.filter(({ at }) => at >= from);
  const times = orders.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const ok = orders.filter(({ orderId }) => orderId !== "").length;
  const refused = orders.filter(({ status }) => status === 429).length;
  const failed = orders.length - ok - refused;
  return { phase, caller: "orders", calls: orders.length, ok, refused, failed, p50: at(0.5), p99: at(0.99) };
}
