import { parseArgs } from "node:util";
import type { Suite, SuiteOptions } from "./suite.js";

export interface CommandLine {
  readonly wanted: readonly Suite[];
  readonly options: SuiteOptions;
  /** What is wrong with it, or the help that was asked for. */
  readonly problem: string | undefined;
}

const none: SuiteOptions = { short: false, seconds: undefined, seed: undefined, seedLeak: false };

export function readCommandLine(words: readonly string[], suites: readonly Suite[]): CommandLine {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        short: { type: "boolean", default: false },
        seconds: { type: "string" },
        minutes: { type: "string" },
        seed: { type: "string" },
        "seed-leak": { type: "boolean", default: false },
      },
    });
    const wanted = positionals.map((name) => {
      const suite = suites.find((each) => each.name === name);
      if (suite === undefined) throw new Error(`no suite is called ${name}`);
      return suite;
    });
    if (wanted.length === 0) throw new Error("name a suite");
    const minutes = positive(values.minutes, "minutes");
    const seconds = minutes === undefined ? positive(values.seconds, "seconds") : minutes * 60;
    const options = {
      short: values.short,
      seconds,
      seed: positive(values.seed, "seed"),
      seedLeak: values["seed-leak"],
    };
    return { wanted, options, problem: undefined };
  } catch (error) {
    const problem = `${error instanceof Error ? error.message : error}\n\n${usage(suites)}`;
    return { wanted: [], options: none, problem };
  }
}

function positive(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${text}`);
  return value;
}

function usage(suites: readonly Suite[]): string {
  return `npm run conformance -- <suite>… [options]

${suites.map(({ name, summary }) => `  ${name.padEnd(20)} ${summary}`).join("\n")}

  --short              fewer repetitions, as in CI
  --seconds <n>        how long fuzz and leak go on (--minutes <n> likewise)
  --seed <n>           fuzz: where random input starts from
  --seed-leak          leak: leaks on purpose, and must then fail

Each suite ends with "N passed, N failed, N skipped". Skips are explained in docs/conformance.md.`;
}
