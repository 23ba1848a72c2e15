import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { boolean, type Settings, type SettingsOf, settings } from "@sampan/config";
import type { Broker } from "@sampan/core/ports";
import { openQueue } from "@sampan/data";
import type { SingletonDependency } from "../dependency.js";
import { remoteBroker } from "../remote-broker/remote-broker.js";

const fields = {
  remote: boolean({ default: false, doc: "use the broker of another process, which process.targets names" }),
};

/** Of every process: traffic rules may enqueue calls where no service needs the broker. */
export const BrokerSettings: Settings<typeof fields> = settings(fields);

/** Messages between services: a queue in a file of its own, shared by the services of the process; or another process's. */
export const broker: SingletonDependency<Broker> = {
  name: "broker",
  lifetime: "process",
  settings: BrokerSettings,
  oneProcessOnly: ({ remote }) =>
    remote === true
      ? undefined
      : {
          why: "is an embedded queue, whose file one process owns",
          fix: "set process.workers to 1, or broker.remote to use the broker of another process",
        },
  async open({ dataFolder, settings, clock, logger, runtime }) {
    const { remote } = settings as unknown as SettingsOf<typeof BrokerSettings>;
    if (remote) {
      const value = remoteBroker({ runtime });
      return { value, close: () => value.close() };
    }
    await mkdir(dataFolder, { recursive: true });
    const value = await openQueue({ file: join(dataFolder, "queue.db"), clock, logger });
    return { value, close: () => value.close() };
  },
};
