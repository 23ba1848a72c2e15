import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, Gate } from "./gate.js";
import { runProgram } from "./run-program.js";
import { sourceFiles } from "./source-tree.js";

export const generated: Gate = {
  name: "generated",
  purpose: "generated folders hold exactly what the .proto files generate",
  async find(root) {
    const templates = sourceFiles(root).filter((file) => /^buf\.gen[^/]*\.yaml$/.test(file));
    const fresh = mkdtempSync(join(tmpdir(), "sampan-generated-"));
    try {
      for (const template of templates) {
        const { status, stderr } = await runProgram("buf", ["generate", "--template", template, "-o", fresh], root);
        if (status !== 0)
          return [{ file: template, problem: `does not generate: ${stderr.trim()}`, fix: "correct the .proto file" }];
      }
      return templates.flatMap((template) =>
        outputFolders(root, template).flatMap((folder) => differences(root, fresh, folder)),
      );
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  },
};

/** The `out:` folders of a template. A YAML parser for one key would be a dependency for nothing. */
function outputFolders(root: string, template: string): string[] {
  return [...readFileSync(join(root, template), "utf8").matchAll(/^\s*(?:- )?out:\s*"?([^\s"#]+)/gm)].map(
    ([, folder]) => folder ?? "",
  );
}

function differences(root: string, fresh: string, folder: string): Finding[] {
  const regenerate = "npm run generate, and commit the result";
  const wanted = filesUnder(fresh, folder);
  const stray = filesUnder(root, folder).filter((file) => !wanted.includes(file));
  const findings: Finding[] = stray.map((file) => ({
    file,
    problem: "is not what any .proto file generates",
    fix: `${regenerate}; code written by hand has no place in ${folder}`,
  }));
  for (const file of wanted) {
    if (!existsSync(join(root, file))) {
      findings.push({ file, problem: "is missing", fix: regenerate });
      continue;
    }
    const line = firstDifference(readFileSync(join(root, file), "utf8"), readFileSync(join(fresh, file), "utf8"));
    if (line !== undefined)
      findings.push({ file, line, problem: "differs from what its .proto file generates", fix: regenerate });
  }
  return findings;
}

/** From disk rather than from git: a stray file counts whether or not somebody added it. */
function filesUnder(root: string, folder: string): string[] {
  return existsSync(join(root, folder)) ? sourceFiles(join(root, folder)).map((file) => `${folder}/${file}`) : [];
}

function firstDifference(a: string, b: string): number | undefined {
  if (a === b) return undefined;
  const lines = b.split("\n");
  const index = a.split("\n").findIndex((line, at) => line !== lines[at]);
  return (index === -1 ? lines.length : index) + 1;
}
