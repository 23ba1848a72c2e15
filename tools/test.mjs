/** `npm test`: from a fresh clone to "N passed, N failed, N skipped". See tools/testing/options.mjs for the options. */
import { spawnSync } from "node:child_process";
import { build, install, repositoryRoot, requireNode } from "./bootstrap.mjs";
import { installEngines } from "./test-engines.mjs";
import { allowedSkips } from "./testing/allowed-skips.mjs";
import { stopAll } from "./testing/children.mjs";
import { parseOptions, usage } from "./testing/options.mjs";
import { runPhases } from "./testing/phases.mjs";
import { findTestSuites, gateSuites, selectSuites } from "./testing/suites.mjs";
import { count, forbidSkips, suiteLine, summaryLines } from "./testing/summary.mjs";

const say = console.log;
const inCi = process.env.CI !== undefined && process.env.CI !== "" && process.env.CI !== "false";

/** @type {import("./testing/run-suite.mjs").SuiteResult[]} */
const results = [];
let interrupted = false;

for (const [signal, status] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])) {
  process.on(signal, async () => {
    if (interrupted) return;
    interrupted = true;
    await stopAll();
    say(`\nstopped by ${signal}: the counts are of what had ended`);
    finish(status);
  });
}

/** @param {number} [status] */
function finish(status = count(results, "failed") > 0 ? 1 : 0) {
  for (const line of summaryLines(results)) say(line);
  process.exitCode = status;
}

/**
 * A step before the suites, counted only when it fails. @param {string} name
 * @param {() => Promise<string | undefined>} step gives what went wrong
 */
async function prepare(name, step) {
  const started = performance.now();
  const error = await step().catch((thrown) => String(thrown instanceof Error ? thrown.message : thrown));
  if (error === undefined) return true;
  record({ name, passed: 0, failed: [{ name, error }], skipped: [], ms: performance.now() - started });
  return false;
}

/** @param {import("./testing/run-suite.mjs").SuiteResult} result */
function record(result) {
  if (interrupted) return;
  const counted = inCi ? forbidSkips(result, allowedSkips) : result;
  results.push(counted);
  say(suiteLine(counted));
}

/** The gates are listed by the program that runs them, so that there is one list. */
function gateNames() {
  const args = ["--import", "tsx", "tools/gates/main.ts", "--list"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: repositoryRoot, encoding: "utf8" });
  if (status !== 0) throw new Error(`tools/gates/main.ts --list failed:\n${stderr}`);
  return stdout.split("\n").filter(Boolean);
}

/** @param {import("./testing/options.mjs").TestOptions} options */
async function run(options) {
  requireNode();
  const installed = await prepare("install", async () => {
    if (options.install) installEngines(say);
    await install(say);
    return undefined;
  });
  if (!installed) return finish();
  // A failed compilation is counted and the suites run all the same: what did compile still tells something.
  await prepare("build", async () => {
    const { ok, output } = await build(say);
    return ok ? undefined : output;
  });
  await prepare("suites", async () => {
    const all = [...findTestSuites(repositoryRoot), ...gateSuites(gateNames())];
    const suites = selectSuites(all, options.only);
    if (suites.length === 0) return `no suite and no gate has a name with "${options.only.join('" or "')}" in it`;
    const limited = suites.map((suite) => ({ ...suite, timeLimitMs: options.timeLimitMs ?? suite.timeLimitMs }));
    await runPhases(limited, { root: repositoryRoot, say, ended: record, stopped: () => interrupted });
    return undefined;
  });
  if (!interrupted) finish();
}

/** @param {readonly string[]} args */
function optionsOrExit(args) {
  try {
    return parseOptions(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

const options = optionsOrExit(process.argv.slice(2));
if (options.help) say(usage);
else await run(options);
