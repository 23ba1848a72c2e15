import type { Suite } from "../runner/suite.js";
import { judge, questions } from "./verdict.js";
import { Watch } from "./watch.js";
import { WatchedProcess } from "./watched-process.js";

const defaultSeconds = 100;
const samples = 25;
/** Until code is compiled, pools are full and tables have their size. */
const warmUpShare = 0.24;
/**
 * An interval of 95 % misses 0 by chance in one run of twenty, so a verdict against is asked for once more: noise does
 * not come back, a leak does.
 */
const attempts = 2;
const attemptShare = 0.38;

export const leak: Suite = {
  name: "leak",
  summary: "hours of calls, connects, resets and slow readers in minutes: heap and handles of both ends do not grow",
  needsGo: false,
  async run({ tally, options }) {
    const ms = 1000 * (options.seconds ?? (options.short ? 40 : defaultSeconds));
    const server = await WatchedProcess.start("server-program", options.seedLeak ? ["seed-leak"] : []);
    const client = await WatchedProcess.start("client-program", [server.plain, server.tls]);
    const watch = new Watch(server.process, client.process);
    try {
      await watch.warmUp(ms * warmUpShare);
      const open = new Set(questions);
      for (let attempt = 1; open.size > 0; attempt++) {
        const readings = await watch.readings(samples, ms * attemptShare);
        for (const question of open) {
          const { fine, text } = judge(question, readings);
          const name = `${question}: ${text}`;
          if (fine || attempt === attempts) open.delete(question);
          if (fine) tally.add({ name, result: "passed" });
          else if (attempt === attempts)
            tally.add({ name, result: "failed", why: `grows, ${attempts} times in a row` });
          else console.log(`again   ${name}`);
        }
      }
      console.log(watch.summary);
    } finally {
      server.process.stop();
      client.process.stop();
    }
  },
};
