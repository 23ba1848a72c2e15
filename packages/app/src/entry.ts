import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether a module is the file that the process was started with: `if (isEntry(import.meta)) await run(order);` */
export function isEntry(meta: ImportMeta): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(meta.url);
}
