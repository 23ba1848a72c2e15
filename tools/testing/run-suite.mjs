/** Runs one suite in a child process and turns what happened into counted results. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runNode } from "./children.mjs";

/**
 * @typedef {object} SuiteResult
 * @property {string} name
 * @property {number} passed
 * @property {readonly { name: string, error: string }[]} failed
 * @property {readonly { name: string, reason: string }[]} skipped `name` is empty when the whole suite was skipped
 * @property {number} ms
 */

const reporter = new URL("./reporter.mjs", import.meta.url).href;

/** @param {import("./suites.mjs").Suite} suite @param {string} root @returns {Promise<SuiteResult>} */
export async function runSuite(suite, root) {
  const started = performance.now();
  const counted = suite.kind === "gate" ? await runGate(suite, root) : await runTestFile(suite, root);
  return { name: suite.name, ...counted, ms: performance.now() - started };
}

/** @param {import("./suites.mjs").Suite} suite @param {string} root */
async function runGate(suite, root) {
  const result = await runNode(suite.nodeArgs, { cwd: root, env: process.env, timeLimitMs: suite.timeLimitMs });
  if (result.status === 0) return { passed: 1, failed: [], skipped: [] };
  const error = result.timedOut ? `did not end within ${limitText(suite)}\n${result.output}` : result.output;
  return { passed: 0, failed: [{ name: suite.name, error: error.trim() }], skipped: [] };
}

/** @param {import("./suites.mjs").Suite} suite @param {string} root */
async function runTestFile(suite, root) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-test-"));
  const events = join(folder, "events");
  // Under `node --test` this variable makes node:test speak its binary protocol instead of using our reporter.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  try {
    const args = [`--test-reporter=${reporter}`, "--test-reporter-destination=stdout", ...suite.nodeArgs];
    const env = { ...inherited, TEST_RUN_EVENTS: events };
    const result = await runNode(args, { cwd: root, env, timeLimitMs: suite.timeLimitMs });
    return countEvents(readEvents(events), result, suite);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file @returns {import("./reporter.mjs").TestEvent[]} */
function readEvents(file) {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // A file that failed before its first test leaves no events.
  }
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/**
 * @param {readonly import("./reporter.mjs").TestEvent[]} events @param {import("./children.mjs").ChildResult} result
 * @param {import("./suites.mjs").Suite} suite
 */
function countEvents(events, result, suite) {
  const failed = events.filter((event) => event.kind === "failed").map(({ name, error }) => ({ name, error }));
  const skipped = events.filter((event) => event.kind === "skipped").map(({ name, reason }) => ({ name, reason }));
  const passed = events.filter((event) => event.kind === "passed").length;
  const problem = fileProblem(events, result, suite, failed.length);
  if (problem) failed.push({ name: "the file as a whole", error: withOutput(problem, result.output) });
  else if (failed[0] && result.output.trim()) failed[0].error = withOutput(failed[0].error, result.output);
  return { passed, failed, skipped };
}

/**
 * What is wrong with the run of the file itself, when it is not a failed test.
 * @param {readonly import("./reporter.mjs").TestEvent[]} events @param {import("./children.mjs").ChildResult} result
 * @param {import("./suites.mjs").Suite} suite @param {number} failures
 */
function fileProblem(events, result, suite, failures) {
  const ended = events.at(-1)?.kind === "end";
  const how = result.signal ?? `exit status ${result.status}`;
  if (result.timedOut) return `did not end within ${limitText(suite)}; ${hangText(events)}`;
  if (events.every((event) => event.kind === "end"))
    return `ended without reporting a test (${how}): it registers none, fails before the first, or calls process.exit`;
  if (!ended) return `ended before its tests did (${how})`;
  if (result.status !== 0 && failures === 0) return `every test passed but the process failed (${how})`;
  return undefined;
}

/** Where a file that was stopped had come to. @param {readonly import("./reporter.mjs").TestEvent[]} events */
function hangText(events) {
  if (events.length === 0) return "it reported nothing: it waits at its top level, or is in a loop without end";
  /** @type {string[]} */
  const running = [];
  for (const event of events) {
    if (event.kind === "started") running.push(event.name);
    if (event.kind === "settled" && running.includes(event.name)) running.splice(running.lastIndexOf(event.name), 1);
  }
  const last = running.at(-1);
  if (last !== undefined) return `"${last}" was running`;
  return "its tests were over, so something keeps the process alive: a socket, timer or child that is not closed";
}

/** @param {import("./suites.mjs").Suite} suite */
function limitText(suite) {
  return `its time limit of ${suite.timeLimitMs / 1000} s (a "// limit: <n>s" line at the top of the file raises it)`;
}

/** @param {string} error @param {string} output */
function withOutput(error, output) {
  const lines = output.trim().split("\n").slice(-40);
  return output.trim() ? `${error}\n--- output of the file ---\n${lines.join("\n")}` : error;
}
