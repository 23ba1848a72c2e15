/**
 * `node tools/run.mjs <subcommand> …`: makes the checkout runnable, then becomes the `sampan` command. Progress goes to the
 * error output, so that `npm run bench -- x --json | …` stays clean.
 */
import { join } from "node:path";
import { bootstrap, repositoryRoot } from "./bootstrap.mjs";
import { passThrough } from "./pass-through.mjs";

try {
  await bootstrap((line) => console.error(`sampan: ${line}`));
} catch (error) {
  console.error(`sampan: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
const command = join(repositoryRoot, "packages", "cli", "dist", "main.js");
await passThrough(process.execPath, [command, ...process.argv.slice(2)]);
