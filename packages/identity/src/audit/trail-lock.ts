import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AuditErrors } from "./audit-errors.js";

/** Of this process: a lock with our own id can also be what a former process, or container, has left. */
const held = new Set<string>();

/**
 * Makes this process the one that writes to a folder, which is made when it is not there; two would break the chain.
 * Gives a function that lets go. Throws `AUDIT_IN_USE` when a process that lives has it.
 */
export async function lockTrail(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = resolve(join(folder, "audit.lock"));
  if (held.has(path)) throw AuditErrors.AUDIT_IN_USE({ folder, pid: String(process.pid) });
  held.add(path);
  try {
    const pid = Number(await readFile(path, "utf8").catch(() => ""));
    if (pid > 0 && pid !== process.pid && isAlive(pid)) throw AuditErrors.AUDIT_IN_USE({ folder, pid: String(pid) });
    await rm(path, { force: true });
    await writeFile(path, String(process.pid), { flag: "wx", mode: 0o600 });
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(path);
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
