import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether a module is the file that the process was started with: `if (isEntry(import.meta)) await run(order);` */
export function isEntry(meta: ImportMeta): boolean {
  const started = process.argv[1];
  if (started === undefined || !meta.url.startsWith("file:")) return false;
  try {
    // Both, because Node can be told to leave links as they are.
    return realpathSync(started) === realpathSync(fileURLToPath(meta.url));
  } catch {
    // Started from standard input, or by something that leaves no path.
    return false;
  }
}
