import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";
import { integerOption, readOptions } from "../command/options.js";
import { runStorm } from "./storm/storm.js";
import { stormTable } from "./storm/table.js";

const help = `sampan demo storm: the platform under load while things go wrong

Starts the platform split into processes, with three instances of the inventory, on free ports and in a temporary
folder. Three tenants ask for stock and a customer orders over HTTP, all the time. Meanwhile one instance becomes slow,
one is killed, a tenant floods the inventory, a rule is pushed and rolled back, and rules are pushed that are wrong.
Then a table says what each caller saw.

  --seconds <n>   the usual length of a phase (default 4, from 1 to 60)
  --json          rows and claims as one JSON document, and nothing else, on standard output
  --help

The exit status is 0 when everything held that should, 1 otherwise; Ctrl-C ends it early and cleans up.`;

export const demo: Command = {
  name: "demo",
  summary: "see the platform under load while things go wrong",
  help,
  async run(argv) {
    const { values, positionals } = readOptions("demo", argv, {
      seconds: { type: "string" },
      json: { type: "boolean" },
    });
    if (positionals[0] !== "storm" || positionals.length > 1)
      throw new CommandError("name a demonstration: sampan demo storm", "sampan demo --help says what it does", 2);
    const seconds = integerOption("seconds", values.seconds, 4, 1, 60);
    const json = values.json === true;
    const stop = new AbortController();
    const interrupted = (): void => stop.abort();
    process.once("SIGINT", interrupted);
    process.once("SIGTERM", interrupted);
    try {
      const print = json ? console.error : console.log;
      const result = await runStorm({ phaseMs: seconds * 1000, print, signal: stop.signal });
      const broken = result.claims.filter(({ holds }) => !holds);
      if (json) console.log(JSON.stringify(result));
      else {
        console.log(`\n${stormTable(result.rows)}`);
        console.log(`\n${result.claims.length - broken.length} claims held, ${broken.length} did not`);
      }
      if (stop.signal.aborted) return 130;
      return broken.length === 0 ? 0 : 1;
    } finally {
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", interrupted);
    }
  },
};
