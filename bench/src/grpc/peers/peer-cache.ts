import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
/** Of the peers' programs and the contract that all serve. */
const sources: string = join(root, "bench", "peers");
const cache = join(root, ".cache", "bench-peers");

/**
 * A folder outside the workspace where a peer's packages are fetched to and its program is built, so that no peer is a
 * dependency of this repository. Made again when `files` (names from the folder to contents) differ from last time.
 */
export async function prepared(
  name: string,
  files: Readonly<Record<string, string>>,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, name);
  const stamp = join(folder, ".prepared");
  const key = createHash("sha256").update(JSON.stringify(files)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === key) return folder;
  console.error(`bench: fetching and building ${name}`);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  await build(folder);
  writeFileSync(stamp, key);
  return folder;
}

export function source(file: string): string {
  return readFileSync(join(sources, file), "utf8");
}

/** Runs a build step. Rejects with the end of its output when it fails, or takes longer than `limitMs`. */
export async function step(folder: string, command: string, args: readonly string[], limitMs = 180_000): Promise<void> {
  const path = `${join(root, "node_modules", ".bin")}:${join(folder, "bin")}:${process.env.PATH}`;
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, PATH: path, GOBIN: join(folder, "bin") },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? "" : (signal ?? `status ${code}`)));
  });
  if (ended !== "") throw new Error(`${command} ${args.join(" ")}: ${ended}\n${output.slice(-2000)}`);
}
