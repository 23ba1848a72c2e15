/**
 * A node:test reporter that writes what happened to each test as JSON lines into the file named by TEST_RUN_EVENTS. A line is
 * written as soon as node:test reports it, so a test file that exits, crashes or hangs leaves what came before; a file that ran to
 * its end closes with `{"kind":"end"}`. "started" and "settled" come while tests run, the others when their top-level test is over.
 */
import { appendFileSync } from "node:fs";
import { inspect } from "node:util";

/**
 * @typedef {{ kind: "started", name: string } | { kind: "settled", name: string } | { kind: "passed", name: string } | { kind: "failed", name: string, error: string }
 *   | { kind: "skipped", name: string, reason: string } | { kind: "end" }} TestEvent
 */

/** Enough of an error to act on; a deep object difference can run to megabytes. */
const longestError = 6_000;

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* reporter(source) {
  const file = process.env.TEST_RUN_EVENTS;
  /** @param {TestEvent} event */
  const write = (event) => {
    if (file) appendFileSync(file, `${JSON.stringify(event)}\n`);
  };
  /** Names of the test and the suites around it, by nesting. @type {string[]} */
  const path = [];
  for await (const { type, data } of source) {
    if (type === "test:dequeue") write({ kind: "started", name: data.name });
    if (type === "test:complete") write({ kind: "settled", name: data.name });
    if (type === "test:start") path.splice(data.nesting, path.length, data.name);
    if (type !== "test:pass" && type !== "test:fail") continue;
    const event = outcome(type, data, [...path.slice(0, data.nesting), data.name].join(" › "));
    if (event) write(event);
  }
  write({ kind: "end" });
  yield "";
}

/** @param {string} type @param {any} data @param {string} name @returns {TestEvent | undefined} */
function outcome(type, data, name) {
  if (data.skip !== undefined || data.todo !== undefined) {
    const reason = data.skip ?? data.todo;
    return { kind: "skipped", name, reason: typeof reason === "string" && reason !== "" ? reason : "no reason given" };
  }
  const isSuite = data.details.type === "suite";
  if (type === "test:pass") return isSuite ? undefined : { kind: "passed", name };
  const error = data.details.error;
  // The tests inside have already been counted; only a failure of the suite's own code or hooks is news.
  if (error?.failureType === "subtestsFailed") return undefined;
  return { kind: "failed", name, error: describe(error?.cause ?? error) };
}

/** @param {unknown} error */
function describe(error) {
  const text = typeof error === "string" ? error : inspect(error, { depth: 4 });
  const kept = text.split("\n").filter((line) => !/^\s+at .*\(?node:internal\//.test(line));
  return kept.join("\n").slice(0, longestError);
}
