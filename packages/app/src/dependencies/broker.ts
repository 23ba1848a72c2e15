import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Broker } from "@sampan/core/ports";
import { openQueue } from "@sampan/data";
import type { SingletonDependency } from "../dependency.js";

/** Messages between services: a queue in a file of its own, shared by the services of the process. */
export const broker: SingletonDependency<Broker> = {
  name: "broker",
  lifetime: "process",
  async open({ dataFolder, clock, logger }) {
    await mkdir(dataFolder, { recursive: true });
    const value = await openQueue({ file: join(dataFolder, "queue.db"), clock, logger });
    return { value, close: () => value.close() };
  },
};
