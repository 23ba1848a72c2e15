import { availableParallelism } from "node:os";
import { integer, type Setting } from "@sampan/config";

/** More would be an accident: no machine that a service is put on has more cores to give. */
export const maxWorkers = 256;

const count = integer({ default: 1, min: 1, max: maxWorkers });

/** How many processes serve: a number, or `auto` for the number of cores that this process may use. */
export const workersSetting: Setting<number | "auto"> = {
  ...count,
  kind: "workers",
  doc: "processes that share the work and the ports of a service; auto: one for each core",
  accepts: `${count.accepts}, or auto`,
  read: (raw, form) => (raw === "auto" ? { value: "auto" } : count.read(raw, form)),
  show: String,
};

export function workerCount(workers: number | "auto"): number {
  return workers === "auto" ? Math.min(maxWorkers, availableParallelism()) : workers;
}
