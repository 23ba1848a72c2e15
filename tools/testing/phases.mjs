/** The order of a test run: unit tests two at a time, then gates, then system suites, the last two one by one. */
import { missingEngine } from "../test-engines.mjs";
import { runSuite } from "./run-suite.mjs";

/** @typedef {import("./suites.mjs").Suite} Suite */
/** @typedef {import("./run-suite.mjs").SuiteResult} SuiteResult */

/** Two, because the machines that run this have two cores, and timing tests suffer from more. */
const concurrency = { unit: 2, gate: 1, system: 1 };

const titles = { unit: "unit tests", gate: "gates", system: "system suites" };

/**
 * @param {readonly Suite[]} suites
 * @param {{ root: string, say: (line: string) => void, ended: (result: SuiteResult) => void, stopped: () => boolean }} run
 */
export async function runPhases(suites, { root, say, ended, stopped }) {
  for (const kind of /** @type {const} */ (["unit", "gate", "system"])) {
    const waiting = suites.filter((suite) => suite.kind === kind);
    if (waiting.length === 0 || stopped()) continue;
    say(`\n${titles[kind]}: ${waiting.length}`);
    const worker = async () => {
      for (let suite = waiting.shift(); suite && !stopped(); suite = waiting.shift()) {
        if (kind === "system") say(`     ${suite.name} …`);
        ended(skipWithoutEngine(suite) ?? (await runSuite(suite, root)));
      }
    };
    await Promise.all(Array.from({ length: concurrency[kind] }, worker));
  }
}

/** @param {Suite} suite @returns {SuiteResult | undefined} */
function skipWithoutEngine(suite) {
  const none = { name: suite.name, passed: 0, failed: [], skipped: [], ms: 0 };
  try {
    const reason = missingEngine(suite.needs);
    return reason === undefined ? undefined : { ...none, skipped: [{ name: "", reason }] };
  } catch (error) {
    return { ...none, failed: [{ name: suite.name, error: String(error instanceof Error ? error.message : error) }] };
  }
}
