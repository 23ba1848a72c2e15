import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, Gate } from "./gate.js";
import { runProgram } from "./run-program.js";
import { sourceFiles } from "./source-tree.js";

/** The contracts as last released: what clients out there were built against. */
export const releasedImage = "proto/image.binpb";

interface BufAnnotation {
  readonly path?: string;
  readonly start_line?: number;
  readonly type: string;
  readonly message: string;
}

export const bufLint: Gate = {
  name: "buf-lint",
  purpose: "the .proto files follow buf's rules",
  async find(root) {
    const result = await runProgram("buf", ["lint", "--error-format=json"], root);
    return annotations(result.status, result.stdout, result.stderr).map((annotation) =>
      toFinding(annotation, "rename as the message says; clients read these names"),
    );
  },
};

export const bufBreaking: Gate = {
  name: "buf-breaking",
  purpose: `the .proto files still serve clients of the released ${releasedImage}`,
  async find(root) {
    if (!existsSync(join(root, releasedImage))) {
      const fix = "npm run release:contracts, and commit the image";
      return [{ file: releasedImage, problem: "there is no image of the released contracts", fix }];
    }
    const folder = mkdtempSync(join(tmpdir(), "sampan-buf-"));
    try {
      // The workspace has two modules and the image is one, which `buf breaking` does not compare; two images it does.
      const current = join(folder, "current.binpb");
      const built = await runProgram("buf", ["build", "-o", current, "--error-format=json"], root);
      if (built.status !== 0)
        return annotations(built.status, built.stdout, built.stderr).map((each) =>
          toFinding(each, "make it compile first"),
        );
      const args = ["breaking", current, "--against", releasedImage, "--config", "buf.yaml", "--error-format=json"];
      const result = await runProgram("buf", args, root);
      const fix =
        "undo it and add a new field, method or version beside the old one; only when no released client is left: npm run release:contracts";
      const found = annotations(result.status, result.stdout, result.stderr);
      return found.map((each) => toFinding({ ...each, path: sourceOf(root, each.path) }, fix));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** buf prints one JSON object a line on either stream; anything else with a bad status is buf's own failure. */
function annotations(status: number, stdout: string, stderr: string): BufAnnotation[] {
  const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.startsWith("{"));
  if (status !== 0 && lines.length === 0) throw new Error(`buf failed with status ${status}: ${stderr || stdout}`);
  return lines.map((line) => JSON.parse(line) as BufAnnotation);
}

/** An image names files from their module; the module's own folder is looked up. A deleted file is taken to be the platform's. */
function sourceOf(root: string, path = ""): string {
  return sourceFiles(root).find((file) => file.endsWith(`/${path}`)) ?? `proto/${path}`;
}

function toFinding({ path, start_line, type, message }: BufAnnotation, fix: string): Finding {
  return { file: path ?? "proto", line: start_line, problem: `${message} (${type})`, fix };
}
