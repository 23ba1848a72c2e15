import type { Random } from "./random.js";

/** One step of a script: words. Scripts are text, so that a failure can be read, shortened, and kept under seeds/. */
export type Step = readonly string[];

/** Something to be fuzzed. */
export interface Target {
  /** Also the name of its folder under seeds/. */
  readonly name: string;
  generate(random: Random): Step[];
  /** Throws when something that must hold does not. Steps that make no sense where they stand do nothing. */
  run(steps: readonly Step[]): void | Promise<void>;
  /** What it holds for all its scripts, such as servers. */
  close?(): void;
}

export function parseScript(text: string): Step[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "")
    .map((line) => line.split(/\s+/));
}

export function formatScript(steps: readonly Step[]): string {
  return steps.map((words) => words.join(" ")).join("\n");
}
