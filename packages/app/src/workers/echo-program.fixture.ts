/**
 * An echo service in workers: `node echo-program.fixture.js <settings of the process as JSON> [event]`. An answer is
 * `place/process id`; `number` is how many ms it takes, and the text `hang` makes the worker hang for good.
 */
import { setTimeout as delay } from "node:timers/promises";
import { settings } from "@sampan/config";
import { implement } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { isEntry } from "../entry.js";
import { run } from "../run.js";
import { service } from "../service.js";
import { workerPlace } from "./worker-side.js";

const [, , values = "{}", event = ""] = process.argv;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const echoing = service({
  name: "echo",
  settings: settings({}),
  needs: {},
  async build() {
    const place = workerPlace();
    if (event === "worker 2 fails" && place === 2) throw new Error("no room for a second one");
    return {
      serves: [
        implement(EchoService, {
          async unary({ text, number }) {
            if (number > 0n) await delay(Number(number));
            if (text === "hang") while (true);
            return { text: `${place}/${process.pid}`, number };
          },
          collect: () => Promise.resolve({}),
          async *produce() {},
          async *chat() {},
        }),
      ],
      runs: [
        {
          start: () => say(`runs start in ${process.pid}`),
          async stop() {
            say(`runs stop in ${process.pid}`);
          },
        },
      ],
    };
  },
});

if (isEntry(import.meta)) {
  const set = { process: JSON.parse(values) as Record<string, unknown> };
  await run(echoing, { sources: { argv: [], env: {}, folder: "none", set } });
  say(`run resolved in ${process.pid}`);
}
