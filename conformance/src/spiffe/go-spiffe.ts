import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { ownGoProgram } from "../runner/go-programs.js";

const versions = { "github.com/spiffe/go-spiffe/v2": "v2.9.0" };

/** A line that go-spiffe's program has printed. */
export type Said = Readonly<Record<string, unknown>>;

export function goSpiffe(cache: string): Promise<string> {
  const source = fileURLToPath(new URL("../../peers/go-spiffe/main.go", import.meta.url));
  return ownGoProgram(cache, "go-spiffe", source, versions);
}

const lineTimeoutMs = 30_000;

/** A run of the program, with the Workload API that it finds. */
export class GoWorkload {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: Said[] = [];
  #complaint = "";
  #ended = false;
  #wake: () => void = () => {};

  constructor(program: string, words: readonly string[], api: string, input = "") {
    const env = { ...process.env, SPIFFE_ENDPOINT_SOCKET: api };
    this.#child = spawn(program, words, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin.end(input);
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#complaint += chunk.toString();
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.#lines.push(JSON.parse(line) as Said);
      this.#wake();
    });
    this.#child.once("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The next line that is wanted; those before it are passed over. Rejects when none comes. */
  async next(wanted: (said: Said) => boolean = () => true): Promise<Said> {
    const late = Date.now() + lineTimeoutMs;
    for (;;) {
      const said = this.#lines.shift();
      if (said !== undefined && wanted(said)) return said;
      if (said !== undefined) continue;
      if (this.#ended || Date.now() > late) throw new Error(`go-spiffe says nothing more: ${this.#complaint}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
