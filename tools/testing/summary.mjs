/** What a person reads: a line per suite while it runs, the failures at the end, and the counts as the last line. */

/** @typedef {import("./run-suite.mjs").SuiteResult} SuiteResult */

/**
 * A skip that CI may not take silently becomes a failure. `allowed` is keyed as in allowed-skips.mjs.
 * @param {SuiteResult} result @param {Readonly<Record<string, string>>} allowed @returns {SuiteResult}
 */
export function forbidSkips(result, allowed) {
  const isAllowed = (/** @type {string} */ name) => result.name in allowed || `${result.name} › ${name}` in allowed;
  const forbidden = result.skipped.filter(({ name }) => !isAllowed(name));
  const failures = forbidden.map(({ name, reason }) => ({
    name: name || "the suite",
    error: `was skipped, which CI does not accept: ${reason}\nMake it run, or list it with the reason in tools/testing/allowed-skips.mjs.`,
  }));
  return {
    ...result,
    failed: [...result.failed, ...failures],
    skipped: result.skipped.filter(({ name }) => isAllowed(name)),
  };
}

/** @param {SuiteResult} result */
export function suiteLine(result) {
  const { passed, failed, skipped } = result;
  const mark = failed.length > 0 ? "FAIL" : passed === 0 && skipped.length > 0 ? "skip" : "ok  ";
  const parts = [`${passed} passed`];
  if (failed.length > 0) parts.push(`${failed.length} failed`);
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`);
  return `${mark} ${result.name}  (${parts.join(" · ")} · ${(result.ms / 1000).toFixed(1)} s)`;
}

/** @param {readonly SuiteResult[]} results @returns {readonly string[]} the failures and skips, then the counts as the last line */
export function summaryLines(results) {
  const skipped = results.flatMap((result) =>
    result.skipped.map(({ name, reason }) => `  ${[result.name, name].filter(Boolean).join(" › ")}: ${reason}`),
  );
  const failed = results.flatMap((result) =>
    result.failed.flatMap(({ name, error }) => [
      "",
      name === result.name ? `FAILED ${name}` : `FAILED ${result.name} › ${name}`,
      ...error.split("\n").map((line) => `    ${line}`),
    ]),
  );
  return [
    ...(skipped.length > 0 ? ["", "Skipped:", ...skipped] : []),
    ...failed,
    "",
    `${count(results, "passed")} passed, ${count(results, "failed")} failed, ${count(results, "skipped")} skipped`,
  ];
}

/** @param {readonly SuiteResult[]} results @param {"passed" | "failed" | "skipped"} what */
export function count(results, what) {
  return results.reduce((sum, result) => sum + (what === "passed" ? result.passed : result[what].length), 0);
}
