import type { Command } from "../command/command.js";
import { CommandError } from "../command/command-error.js";

const help = `sampan config <what>: shows, checks and publishes settings

  sampan config print [--service order] [--tenant acme] [--json]
                                      each value, where it comes from, what it overrides, and whether it is live
  sampan config check [--service order] [file …]
                                      checks the settings of this folder, or documents before they are published
  sampan config show --service order [--json]
                                      the published document
  sampan config publish <file> --service order
                                      checks it, publishes it, and keeps the one before for rollback
  sampan config rollback --service order
                                      puts the document back that was published before
  sampan config rollout <name> --to 25% --service order
                                      a new percentage of instances for a rollout of the published document
  sampan config rollout <name> --finish --service order
                                      its settings become those of everybody, and it is gone

  --at etcd://host:2379/namespace/environment   where it is published; default the setting config.remote
  Settings can be given as flags to all of them: --config.user, --order.payment-window, …
  --help`;

type Part = (argv: readonly string[], print: (text: string) => void) => Promise<number>;

const parts: Readonly<Record<string, () => Promise<Part>>> = {
  print: async () => (await import("./print.js")).printConfig,
  check: async () => (await import("./check.js")).checkConfig,
  show: async () => (await import("./show.js")).showDocument,
  publish: async () => (await import("./publish.js")).publishDocument,
  rollback: async () => (await import("./publish.js")).rollBackDocument,
  rollout: async () => (await import("./rollout.js")).changeRollout,
};

export const config: Command = {
  name: "config",
  summary: "show, check and publish settings",
  help,
  async run(argv) {
    const [name = "", ...rest] = argv;
    const load = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (load === undefined) {
      const message = name === "" ? "sampan config needs to know what" : `there is no sampan config ${name}`;
      throw new CommandError(message, `use one of ${Object.keys(parts).join(", ")}`, 2);
    }
    return (await load())(rest, (text) => console.log(text));
  },
};
