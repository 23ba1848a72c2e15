/** What a suite has found. A skip says why, and `docs/conformance.md` repeats it. */
export interface Outcome {
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  readonly why?: string;
}

/** Collects outcomes and prints them as they come; the last line is the one that people and CI read. */
export class Tally {
  private readonly outcomes: Outcome[] = [];
  private unnamed = 0;

  add(outcome: Outcome): void {
    this.outcomes.push(outcome);
    console.log(`${outcome.result.padEnd(7)} ${outcome.name}${outcome.why === undefined ? "" : `: ${outcome.why}`}`);
  }

  /** One case: it has failed when it throws. */
  async judge(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.add({ name, result: "passed" });
    } catch (error) {
      this.add({ name, result: "failed", why: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Cases that passed and are not named one by one. */
  addPassed(count: number, what: string): void {
    this.unnamed += count;
    console.log(`passed  ${count} ${what}`);
  }

  count(result: Outcome["result"]): number {
    const named = this.outcomes.filter((outcome) => outcome.result === result).length;
    return result === "passed" ? named + this.unnamed : named;
  }

  /** What went wrong, for tests of the suites themselves. */
  get failures(): readonly string[] {
    return this.outcomes.filter(({ result }) => result === "failed").map(({ why = "" }) => why);
  }

  get summary(): string {
    return `${this.count("passed")} passed, ${this.count("failed")} failed, ${this.count("skipped")} skipped`;
  }
}
