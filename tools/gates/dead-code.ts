import type { Finding, Gate } from "./gate.js";
import { runProgram } from "./run-program.js";

interface Issue {
  readonly name: string;
  readonly line?: number;
}

/** What knip's JSON report holds for a file: lists of issues by kind, some of them in lists of their own. */
type FileReport = { readonly file: string } & Readonly<Record<string, readonly (Issue | readonly Issue[])[]>>;

const kinds: Readonly<Record<string, { readonly problem: (name: string) => string; readonly fix: string }>> = {
  files: { problem: () => "is imported by nothing", fix: "delete it, or use it" },
  dependencies: { problem: (name) => `${name} is declared and not used`, fix: "npm uninstall it in that workspace" },
  devDependencies: { problem: (name) => `${name} is declared and not used`, fix: "npm uninstall it in that workspace" },
  optionalPeerDependencies: {
    problem: (name) => `${name} is used without being optional`,
    fix: "declare it as a dependency",
  },
  unlisted: { problem: (name) => `${name} is used and not declared`, fix: "add it to this workspace's package.json" },
  binaries: {
    problem: (name) => `${name} is run and not declared`,
    fix: "add the package that brings it to package.json",
  },
  unresolved: { problem: (name) => `${name} cannot be found`, fix: "correct the path" },
  exports: { problem: (name) => `${name} is exported and used nowhere else`, fix: "drop the export, or the code" },
  types: { problem: (name) => `type ${name} is exported and used nowhere else`, fix: "drop the export, or the type" },
  duplicates: { problem: (name) => `${name} is exported twice`, fix: "keep one name" },
};

export const deadCode: Gate = {
  name: "dead-code",
  purpose: "no unused file, export or dependency (knip)",
  async find(root) {
    const { status, stdout, stderr } = await runProgram(
      "knip",
      ["--reporter=json", "--no-progress", "--no-config-hints"],
      root,
    );
    // 1 is "found something"; anything above is knip's own failure.
    if (status > 1 || !stdout.trim().startsWith("{"))
      throw new Error(`knip failed with status ${status}:\n${stderr}${stdout}`);
    const { issues } = JSON.parse(stdout) as { issues: FileReport[] };
    return issues.flatMap(toFindings);
  },
};

function toFindings(report: FileReport): Finding[] {
  return Object.entries(report).flatMap(([kind, issues]) => {
    if (!Array.isArray(issues)) return [];
    return (issues as readonly (Issue | readonly Issue[])[]).flat().map((issue: Issue): Finding => {
      const { problem, fix } = kinds[kind] ?? {
        problem: (name: string) => `${name} (${kind})`,
        fix: "see the knip manual",
      };
      return { file: report.file, line: issue.line, problem: problem(issue.name), fix };
    });
  });
}
