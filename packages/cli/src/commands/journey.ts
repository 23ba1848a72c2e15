import { systemClock } from "@sampan/core";
import { openTarget, targetHelp, targetOptions } from "../client/target.js";
import type { Command } from "../command/command.js";
import { readOptions } from "../command/options.js";
import { playJourney } from "../journey/play.js";
import { mutualTlsText, playMutualTls } from "../journey/play-mutual-tls.js";
import { Journey, type StepResult } from "../journey/steps.js";
import { announceSlowStart } from "./slow-start.js";

const help = `sampan journey: plays a mini-program user's way through the shop over HTTP, and checks every answer

${targetHelp}
  --help

With --mtls orders go on until every process has renewed its certificate twice, under a new root, and it is tried who is
not let in. What was counted is printed at the end.
The exit status is 0 when every check held, 1 otherwise.`;

export const journey: Command = {
  name: "journey",
  summary: "play a user's way through the shop and check every answer",
  help,
  async run(argv) {
    const { values } = readOptions("journey", argv, targetOptions);
    const endWaiting = announceSlowStart(systemClock, (line) => console.error(line));
    const target = await openTarget(values).finally(endWaiting);
    const played = new Journey(target, print);
    let facts = "";
    try {
      const day = await playJourney(played);
      if (target.mtls !== undefined) facts = mutualTlsText(await playMutualTls(played, day, target.mtls));
    } catch (error) {
      // A step has said what was wrong; those after it need what it should have given.
      if (played.results.every(({ problem }) => problem === undefined)) throw error;
    } finally {
      played.close();
      await target.close();
    }
    const failed = played.results.filter((result) => result.problem !== undefined).length;
    const total = played.results.reduce((sum, result) => sum + result.ms, 0);
    if (facts !== "") console.log(`\n${facts}`);
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
