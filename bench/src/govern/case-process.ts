import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./programs/rounds.js", import.meta.url));
const startMs = 30_000;
const roundMs = 10_000;

/** A case in a process of its own, where nothing else changes what the engine makes of its code. */
export class CaseProcess {
  readonly #child: ChildProcess;
  readonly #name: string;

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
  }

  /** Resolves when it is warm, with the core to itself from then on; rejects when it ends before. */
  static async start(file: string, name: string): Promise<CaseProcess> {
    const child = spawn(process.execPath, [program, file, name], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const started = new CaseProcess(child, name);
    await started.#answer(startMs);
    return started;
  }

  /** Measures once more: ns a call. */
  round(): Promise<number> {
    const answer = this.#answer(roundMs);
    this.#child.send("round");
    return answer;
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  #answer(limitMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => () => end(() => reject(new Error(`case ${this.#name} ${why}`)));
      const late = setTimeout(fail("does not answer"), limitMs);
      const exited = fail("ended");
      const answered = (ns: unknown): void => end(() => resolve(ns as number));
      const end = (settle: () => void): void => {
        clearTimeout(late);
        this.#child.off("exit", exited).off("message", answered);
        settle();
      };
      this.#child.once("exit", exited).once("message", answered);
    });
  }
}
