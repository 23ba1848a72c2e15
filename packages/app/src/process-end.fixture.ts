/** A process whose end is tested: `node process-end.fixture.js <drain ms, or never> <what happens> [drain timeout]`. */
import { setTimeout as delay } from "node:timers/promises";
import { settings } from "@sampan/config";
import { isEntry } from "./entry.js";
import { run } from "./run.js";
import { service } from "./service.js";

const [, , drain = "0", event = "", drainTimeout = "10s"] = process.argv;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const wait = (): Promise<void> => (drain === "never" ? new Promise(() => {}) : delay(Number(drain)));

/** Holds the process open like a socket would. */
const alive = setInterval(() => {}, 1000);

const house = service({
  name: "house",
  settings: settings({}),
  needs: {
    store: {
      name: "store",
      lifetime: "process",
      open: () => ({
        value: 0,
        close: () => {
          clearInterval(alive);
          say("closed");
          if (event === "close fails") throw new Error("the store is stuck");
        },
      }),
    },
  },
  async build() {
    if (event === "slow build") {
      say("building");
      await delay(300);
    }
    if (event === "stuck build") {
      say("building");
      await new Promise(() => {});
    }
    if (event === "build fails") throw new Error("no roof");
    return {
      edges: [
        {
          name: "door",
          listen: async () => ({
            url: "http://door",
            async drain() {
              say("draining");
              if (event === "throws while draining") setTimeout(() => fail("thrown late"), 10);
              await wait();
            },
            async close() {},
          }),
        },
      ],
    };
  },
});

function fail(message: string): never {
  throw new Error(message);
}

if (isEntry(import.meta)) {
  const sources = { argv: [], env: {}, folder: "none", set: { process: { adminPort: -1, drainTimeout } } };
  const running = await run(house, { sources });
  say("is ready");
  if (event === "throws") setTimeout(() => fail("nobody catches this"), 10);
  if (event === "rejects") void delay(10).then(() => fail("nobody awaits this"));
  if (event === "stops by itself") {
    await running.stop();
    say(`${process.listenerCount("SIGTERM")} ${process.listenerCount("uncaughtException")} listeners`);
  }
}
