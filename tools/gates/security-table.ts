import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { Finding, Gate } from "./gate.js";

const page = "docs/security.md";
/** A row's last cell: links whose text is a title of a test, and whose target is the file that has it. */
const link = /\[((?:[^\][\\]|\\.)+)\]\(([^)\s]+)\)/g;

/**
 * Holds the table of attacks against the tests: every row names at least one test by its title, and that title is in the file that the
 * row links to. The tests themselves are run by `npm test`, so a row cannot be greener than its tests.
 */
export const securityTable: Gate = {
  name: "security-table",
  purpose: `each row of ${page} names tests that there are`,
  find(root) {
    const file = join(root, page);
    if (!existsSync(file))
      return [{ file: page, problem: "is missing", fix: "write it: one row for each attack, with its tests" }];
    const findings: Finding[] = [];
    let rows = 0;
    readFileSync(file, "utf8")
      .split("\n")
      .forEach((text, index) => {
        if (!text.startsWith("| ") || /^\|[\s|:-]+$/.test(text) || text.startsWith("| attack ")) return;
        rows += 1;
        for (const problem of problemsOf(root, text))
          findings.push({
            file: page,
            line: index + 1,
            problem,
            fix: "name a test by its title, as a link to its file",
          });
      });
    if (rows === 0)
      findings.push({ file: page, problem: "has no rows", fix: "one row for each attack, with its tests" });
    return findings;
  },
  measure(root) {
    const text = readFileSync(join(root, page), "utf8");
    return `${[...text.matchAll(link)].filter(([, , target]) => target?.endsWith(".test.ts")).length} tests named`;
  },
};

function problemsOf(root: string, row: string): string[] {
  const cells = row.split(/(?<!\\)\|/).slice(1, -1);
  const tests = [...(cells.at(-1) ?? "").matchAll(link)];
  if (tests.length === 0) return ["a row without a test"];
  return tests.flatMap(([, title = "", target = ""]) => {
    if (!target.endsWith(".test.ts")) return [`${target} is no test`];
    const path = posix.normalize(`${dirname(page)}/${target}`);
    if (!existsSync(join(root, path))) return [`${path} does not exist`];
    return hasTitle(readFileSync(join(root, path), "utf8"), title.replaceAll(/\\(.)/g, "$1"))
      ? []
      : [`${path} has no test "${title}"`];
  });
}

/** Whether the source calls `test`, `it` or `describe` with this title. */
function hasTitle(source: string, title: string): boolean {
  const quoted = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\b(?:test|it|describe)\\(\\s*(["'\`])${quoted}\\1`).test(source);
}
