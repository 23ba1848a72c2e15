import type { Finding, Gate } from "./gate.js";
import { runProgram } from "./run-program.js";

interface BiomeDiagnostic {
  readonly category: string;
  readonly message: string;
  readonly location?: { readonly path?: string; readonly start?: { readonly line: number } };
}

export const formatLint: Gate = {
  name: "format-lint",
  purpose: "one format, and the lint rules of biome.json",
  async find(root) {
    const args = ["check", "--error-on-warnings", "--reporter=json", "--max-diagnostics=none", "--colors=off"];
    const { status, stdout, stderr } = await runProgram("biome", args, root);
    const report = parseReport(stdout);
    if (!report) throw new Error(`biome gave no report (exit status ${status}):\n${stderr}`);
    const findings = report.diagnostics.map(toFinding);
    if (findings.length === 0 && status !== 0) throw new Error(`biome failed without a diagnostic:\n${stderr}`);
    return findings;
  },
};

function parseReport(text: string): { readonly diagnostics: readonly BiomeDiagnostic[] } | undefined {
  const start = text.indexOf("{");
  return start === -1 ? undefined : JSON.parse(text.slice(start));
}

function toFinding({ category, message, location }: BiomeDiagnostic): Finding {
  const line = location?.start?.line;
  const isFormat = category === "format" || category.startsWith("assist/");
  return {
    file: location?.path || "biome.json",
    line: line === 0 ? undefined : line,
    problem: category === "format" ? "is not formatted" : `${message} (${category})`,
    fix: isFormat ? "npm run format" : "npm run lint shows the place; npm run lint -- --write applies the safe fixes",
  };
}
