import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { registeredErrors } from "../errors-doc/registered-errors.js";
import { errorsDoc, renderErrors, rowOf } from "../errors-doc/render.js";
import type { Finding, Gate } from "./gate.js";

const fix = "npm run errors, and commit the page";

export const errorsDocumented: Gate = {
  name: "errors-doc",
  purpose: `${errorsDoc} lists exactly the errors that the code registers`,
  async find(root) {
    const errors = await registeredErrors(root);
    if (!existsSync(join(root, errorsDoc))) return [{ file: errorsDoc, problem: "is missing", fix }];
    const page = readFileSync(join(root, errorsDoc), "utf8");
    const lines = page.split("\n");
    const rows = new Set(errors.map(rowOf));
    const findings: Finding[] = errors
      .filter((error) => !lines.includes(rowOf(error)))
      .map(({ domain, reason }) => ({ file: errorsDoc, problem: `does not have ${domain} ${reason} as it is`, fix }));
    lines.forEach((line, index) => {
      if (!/^\| \S+ \| `/.test(line) || rows.has(line)) return;
      const [, domain, reason] = line.split("|").map((cell) => cell.trim());
      findings.push({ file: errorsDoc, line: index + 1, problem: `${domain} ${reason} is not what the code has`, fix });
    });
    if (findings.length === 0 && page !== renderErrors(errors)) {
      findings.push({ file: errorsDoc, problem: "differs in its order or its introduction", fix });
    }
    return findings;
  },
};
