import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "../bootstrap.mjs";

export interface ProgramResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const binaries = join(repositoryRoot, "node_modules", ".bin");

/**
 * Runs a program of this repository's own node_modules in `cwd`. The tree under check may have none, or others. Rejects when the
 * program is not installed; an exit status is for the caller to judge.
 */
export function runProgram(program: string, args: readonly string[], cwd: string): Promise<ProgramResult> {
  const path = join(binaries, program);
  if (!existsSync(path)) return Promise.reject(new Error(`${program} is not installed: run npm ci`));
  const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ""}`, NO_COLOR: "1" };
  return new Promise((settle, reject) => {
    const child = spawn(path, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => settle({ status: code ?? 1, stdout, stderr }));
  });
}
