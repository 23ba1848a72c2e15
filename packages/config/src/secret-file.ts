import { readFileSync, statSync } from "node:fs";
import type { Reading } from "./setting.js";

/** Far above any key or certificate chain. */
const maxSecretBytes = 64 * 1024;

/** The text of a file that holds a secret, without the line end that editors and `echo` add. */
export function readSecretFile(path: unknown): Reading<string> {
  if (typeof path !== "string" || path === "") return { problem: "is not the path of a file" };
  try {
    const { size } = statSync(path);
    if (size > maxSecretBytes) return { problem: "names a file of more than 64 KiB" };
    const value = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    return value === "" ? { problem: "names an empty file" } : { value };
  } catch (error) {
    return { problem: `names a file that cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}` };
  }
}
