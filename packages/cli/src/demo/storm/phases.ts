import { Code } from "@sampan/core";
import { brokenRules, goodRules, strictRules } from "./rules.js";
import type { Stage } from "./stage.js";
import { type Shot, type StockCaller, tally } from "./traffic.js";

/** The callers of the demonstration: two that behave, and one that will not. */
export interface Callers {
  readonly acme: StockCaller;
  readonly globex: StockCaller;
  readonly noisy: StockCaller;
}

/** What is true of a phase, in words, and whether it is. */
export interface Claim {
  readonly claim: string;
  readonly holds: boolean;
}

/** One thing that happens, under load. */
export interface Phase {
  readonly name: string;
  readonly what: string;
  /** Does it, and resolves when enough has been seen. `lasts` is the usual length of a phase in ms. */
  run(scene: Scene, lasts: number): Promise<readonly Claim[]>;
}

export interface Scene {
  readonly stage: Stage;
  readonly callers: Callers;
}

/** How long a change may take to be seen, in ms. */
const soonMs = 1000;
/** How often is looked whether it is. */
const lookMs = 20;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds until it is so; Infinity when it is not within the time. */
async function until(isSo: () => boolean, withinMs: number): Promise<number> {
  const from = performance.now();
  while (!isSo()) {
    if (performance.now() - from > withinMs) return Number.POSITIVE_INFINITY;
    await wait(lookMs);
  }
  return performance.now() - from;
}

function since(caller: StockCaller, at: number): readonly Shot[] {
  return caller.shots.filter((shot) => shot.at >= at);
}

const ms = (value: number): string => (Number.isFinite(value) ? `${Math.round(value)} ms` : "never");
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Nothing that those who behave asked has failed or been refused since then. */
function unharmed({ acme, globex }: Callers, from: number): Claim {
  const { calls, ok } = tally([...since(acme, from), ...since(globex, from)]);
  return { claim: `acme and globex: ${ok} of ${calls} calls were answered`, holds: calls > 0 && ok === calls };
}

/** The time from a change until a caller sees calls that are so. */
async function effect(caller: StockCaller, isSo: (shot: Shot) => boolean): Promise<number> {
  const from = performance.now();
  const first = (): Shot | undefined => since(caller, from).find(isSo);
  await until(() => first() !== undefined, 5 * soonMs);
  const shot = first();
  return shot === undefined ? Number.POSITIVE_INFINITY : shot.at + shot.tookMs - from;
}

const isRefused = ({ error }: Shot): boolean => error?.code === Code.ResourceExhausted;

export const phases: readonly Phase[] = [
  {
    name: "calm",
    what: "three instances of the inventory, three tenants, orders over HTTP",
    async run({ callers }, lasts) {
      const from = performance.now();
      await wait(lasts);
      // One whose first answer was slow is avoided for a while, as it should be: starting takes what a busy machine lets it.
      await until(() => tally(since(callers.acme, from)).byInstance.size === 3, 10 * soonMs);
      const { byInstance } = tally(since(callers.acme, from));
      const used = [...byInstance].map(([name, calls]) => `${name} ${calls}`).sort();
      return [
        unharmed(callers, from),
        { claim: `all instances answer: ${used.join(", ")}`, holds: byInstance.size === 3 },
      ];
    },
  },
  {
    name: "slow",
    what: "inventory-2 answers 300 ms late",
    async run({ stage, callers }, lasts) {
      const from = performance.now();
      stage.slow("inventory-2", 300);
      await wait(soonMs);
      const noticed = performance.now();
      await wait(lasts);
      const { byInstance, calls, p99 } = tally([...since(callers.acme, noticed), ...since(callers.globex, noticed)]);
      stage.slow("inventory-2", 0);
      const share = (byInstance.get("inventory-2") ?? 0) / calls;
      return [
        unharmed(callers, from),
        {
          claim: `after a second it gets ${percent(share)} of the calls (a third would be its part)`,
          holds: share < 0.05,
        },
        { claim: `p99 of all calls is then ${ms(p99)}`, holds: p99 < 300 },
      ];
    },
  },
  {
    name: "kill",
    what: "inventory-3 is killed (SIGKILL) and started again by the supervisor",
    async run({ stage, callers }, lasts) {
      const from = performance.now();
      stage.kill("inventory-3");
      const gone = await until(() => stage.healths().get("inventory-3") !== "up", 5 * soonMs);
      const back = await until(() => stage.healths().get("inventory-3") === "up", 30 * soonMs);
      await wait(lasts);
      return [
        unharmed(callers, from),
        { claim: `callers avoid it after ${ms(gone)}`, holds: gone <= soonMs },
        { claim: `it takes calls again after ${ms(back)}`, holds: Number.isFinite(back) },
      ];
    },
  },
  {
    name: "flood",
    what: "noisy asks for forty times as much as before",
    async run({ callers }, lasts) {
      const from = performance.now();
      callers.noisy.perSecond = 800;
      await wait(2 * lasts);
      callers.noisy.perSecond = 20;
      const noisy = tally(since(callers.noisy, from));
      const others = tally([...since(callers.acme, from), ...since(callers.globex, from)]);
      return [
        unharmed(callers, from),
        { claim: `their p99 is ${ms(others.p99)}`, holds: others.p99 < 250 },
        {
          claim: `noisy: ${noisy.refused} of ${noisy.calls} calls were refused`,
          holds: noisy.refused > noisy.calls / 4,
        },
        { claim: "every refusal said when to come again", holds: noisy.hinted === noisy.refused },
        { claim: `none of its calls failed otherwise (${noisy.failed})`, holds: noisy.failed === 0 },
      ];
    },
  },
  {
    name: "push",
    what: "a rule is pushed that allows each tenant one check a second",
    async run({ stage, callers }, lasts) {
      stage.push(strictRules);
      const took = await effect(callers.acme, isRefused);
      await wait(lasts / 2);
      return [{ claim: `acme is refused after ${ms(took)}`, holds: took <= soonMs }];
    },
  },
  {
    name: "roll back",
    what: "the former rules are put back",
    async run({ stage, callers }, lasts) {
      const from = performance.now();
      stage.push(goodRules);
      const both = (at: number): readonly Shot[] => [...since(callers.acme, at), ...since(callers.globex, at)];
      await until(() => both(performance.now() - 300).every((shot) => !isRefused(shot)), 5 * soonMs);
      // Each process takes the rules at its own moment, so the last refusal of either caller counts.
      const refusals = both(from).filter(isRefused);
      const last = Math.max(0, ...refusals.map(({ at }) => at - from));
      const settled = from + last + 1;
      await wait(lasts / 2);
      return [{ claim: `the last refusal came after ${ms(last)}`, holds: last <= soonMs }, unharmed(callers, settled)];
    },
  },
  {
    name: "bad push",
    what: "rules are pushed that are none; every process keeps the former ones, and says why in its log",
    async run({ stage, callers }, lasts) {
      const from = performance.now();
      stage.push(brokenRules);
      await wait(lasts);
      stage.push(goodRules);
      return [unharmed(callers, from)];
    },
  },
];
