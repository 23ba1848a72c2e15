/** Deletes what the compiler wrote: every dist folder and .tsbuildinfo file outside node_modules. Sources and data stay. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "./bootstrap.mjs";

/** How many outputs were deleted. @param {string} folder @returns {number} */
export function cleanOutputs(folder) {
  let removed = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === "dist" || entry.name.endsWith(".tsbuildinfo")) {
      rmSync(path, { recursive: true, force: true });
      removed += 1;
    } else if (entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith(".")) {
      removed += cleanOutputs(path);
    }
  }
  return removed;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(`removed ${cleanOutputs(repositoryRoot)} compiler outputs`);
