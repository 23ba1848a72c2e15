import { openTarget, targetHelp, targetOptions } from "../client/target.js";
import type { Command } from "../command/command.js";
import { readOptions } from "../command/options.js";
import { playJourney } from "../journey/play.js";
import { Journey, type StepResult } from "../journey/steps.js";

const help = `sampan journey: plays a mini-program user's way through the shop over HTTP, and checks every answer

${targetHelp}
  --help

The exit status is 0 when every check held, 1 otherwise.`;

export const journey: Command = {
  name: "journey",
  summary: "play a user's way through the shop and check every answer",
  help,
  async run(argv) {
    const { values } = readOptions("journey", argv, targetOptions);
    const target = await openTarget(values);
    const played = new Journey(target, print);
    try {
      await playJourney(played);
    } catch {
      // The step has said what was wrong; those after it need what it should have given.
    } finally {
      played.close();
      await target.close();
    }
    const failed = played.results.filter((result) => result.problem !== undefined).length;
    const total = played.results.reduce((sum, result) => sum + result.ms, 0);
    console.log(`\n${played.results.length - failed} steps passed, ${failed} failed, in ${Math.round(total)} ms`);
    return failed === 0 ? 0 : 1;
  },
};

function print({ name, ms, traceId, problem }: StepResult): void {
  const mark = problem === undefined ? "✓" : "✗";
  console.log(
    `${mark} ${name.padEnd(64)} ${ms.toFixed(1).padStart(8)} ms  ${traceId === "" ? "" : `trace ${traceId}`}`,
  );
  if (problem !== undefined) console.log(`    ${problem}`);
}
