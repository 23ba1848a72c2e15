import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a test tells processes that it did not start itself. */
export interface Trap {
  /** The process that reaches this boundary for the nth time is killed. */
  readonly point: string | undefined;
  readonly nth: number;
  /** An inventory method that refuses everything. */
  readonly refuse: string | undefined;
}

/**
 * A folder through which a test and the processes of a split platform talk: files, because the processes come and go,
 * and because whoever is about to be killed must have said everything before.
 */
export class Control {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** For the test: from here on. */
  arm(trap: Trap): void {
    for (const name of ["points", "sprung"]) rmSync(this.#file(name), { force: true });
    const draft = this.#file("draft");
    writeFileSync(draft, JSON.stringify(trap));
    renameSync(draft, this.#file("trap"));
  }

  /** For the test: the boundaries that were reached since then. */
  points(): readonly string[] {
    return existsSync(this.#file("points")) ? readFileSync(this.#file("points"), "utf8").trimEnd().split("\n") : [];
  }

  /** For the test: the process that the trap killed. */
  victim(): number | undefined {
    return existsSync(this.#file("sprung")) ? Number(readFileSync(this.#file("sprung"), "utf8")) : undefined;
  }

  trap(): Trap {
    if (!existsSync(this.#file("trap"))) return { point: undefined, nth: 1, refuse: undefined };
    return JSON.parse(readFileSync(this.#file("trap"), "utf8")) as Trap;
  }

  /** For the processes. Does not return when this is where the trap is. */
  reach(point: string): void {
    appendFileSync(this.#file("points"), `${point}\n`);
    const trap = this.trap();
    if (trap.point !== point || this.victim() !== undefined) return;
    if (this.points().filter((each) => each === point).length !== trap.nth) return;
    writeFileSync(this.#file("sprung"), String(process.pid));
    // SIGKILL, from inside: nothing of this process runs after it, no handler, no flush.
    process.kill(process.pid, "SIGKILL");
  }

  #file(name: string): string {
    return join(this.folder, name);
  }
}
