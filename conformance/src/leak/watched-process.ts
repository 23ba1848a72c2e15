import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Ask, Counts } from "./protocol.js";
import type { Sample } from "./sample.js";

/**
 * Compiled code comes and goes with the load and is memory too: a noise of 200 KB, under which a leak of an octet a call
 * would stay hidden for a million calls. Interpreted, the heap is the same to a few hundred octets.
 */
const execArgv = [
  "--expose-gc",
  "--no-opt",
  "--no-sparkplug",
  "--no-flush-bytecode",
  "--no-lazy-feedback-allocation",
  "--enable-source-maps",
];

/** A process that is asked for one thing at a time. */
export class WatchedProcess {
  private readonly child: ChildProcess;
  private settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  private constructor(program: string, args: readonly string[]) {
    const file = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
    this.child = fork(file, args, { execArgv });
    this.child.on("message", (answer: Answer) => this.settle?.resolve(answer));
    this.child.on("exit", (code) => this.settle?.reject(new Error(`${program} ended with ${code}`)));
  }

  /** Resolves when it is ready, with what it says of itself. */
  static async start(
    program: string,
    args: readonly string[],
  ): Promise<{ process: WatchedProcess; plain: string; tls: string }> {
    const started = new WatchedProcess(program, args);
    const answer = await started.answer();
    if (answer.answer !== "ready") throw new Error(`${program} is not ready`);
    return { process: started, plain: answer.plain, tls: answer.tls };
  }

  async sample(): Promise<Sample> {
    const answer = await this.ask({ ask: "sample" });
    if (answer.answer !== "sample") throw new Error("no sample");
    return answer.sample;
  }

  async load(turns: Counts): Promise<void> {
    await this.ask({ ask: "load", turns });
  }

  stop(): void {
    this.settle = undefined;
    this.child.kill("SIGKILL");
  }

  private ask(question: Ask): Promise<Answer> {
    this.child.send(question);
    return this.answer();
  }

  private answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }
}
