/** What the runner says at its end. */
export interface RunnerResult {
  readonly passed: number;
  readonly failures: readonly { readonly name: string; readonly why: string }[];
  /** Counts that do not fit each other, or none at all: the runner itself did not come through. */
  readonly broken: boolean;
}

/** Failures are named one by one, in blocks that end where the next one or an empty line begins; passes are only counted. */
export function parseRunnerOutput(output: string, status: number | null): RunnerResult {
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(output);
  const blocks = output.matchAll(/^FAILED: (.+?):?\n((?:[ \t]+.*\n?)*)/gm);
  const failures = [...blocks].map(([, name = "", why = ""]) => ({ name, why: why.replace(/\n\s*/g, "; ").trim() }));
  const passed = Number(counts?.[1] ?? 0);
  const failed = Number(counts?.[2] ?? 0);
  const unrun = /could not be run/.test(output);
  const broken =
    counts === null ||
    passed + failed === 0 ||
    unrun ||
    failed !== failures.length ||
    (status === 0) !== (failed === 0);
  return { passed, failures, broken };
}
