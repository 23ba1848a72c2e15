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
const [subcommand, ...rest] = process.argv.slice(2);
// The benches and other people's tests stand outside the product, which does not know them.
const [program, words] =
  subcommand === "bench" || subcommand === "conformance"
    ? [join(repositoryRoot, subcommand, "dist", "main.js"), rest]
    : [join(repositoryRoot, "packages", "cli", "dist", "main.js"), process.argv.slice(2)];
await passThrough(process.execPath, [program, ...words]);
