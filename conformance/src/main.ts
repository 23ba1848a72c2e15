/** `npm run conformance -- <suite>…`: runs other people's tests, and ours that need long; 1 is the exit status when a case failed. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectConformance } from "./connect/index.js";
import { fuzz } from "./fuzz/index.js";
import { h2spec } from "./h2spec/index.js";
import { interop } from "./interop/index.js";
import { leak } from "./leak/index.js";
import { readCommandLine } from "./runner/command-line.js";
import { hasGo } from "./runner/go-programs.js";
import type { Suite } from "./runner/suite.js";
import { Tally } from "./runner/tally.js";
import { spiffe } from "./spiffe/index.js";

const suites: readonly Suite[] = [h2spec, interop, connectConformance, spiffe, fuzz, leak];

const cache = join(fileURLToPath(import.meta.url), "..", "..", "..", ".cache", "conformance");
const { wanted, options, problem } = readCommandLine(process.argv.slice(2), suites);
if (problem !== undefined) {
  console.error(problem);
  process.exit(2);
}
let failed = false;
for (const suite of wanted) {
  if (wanted.length > 1) console.log(`\n${suite.name}: ${suite.summary}`);
  const tally = new Tally();
  if (suite.needsGo && !(await hasGo())) {
    tally.add({ name: suite.name, result: "skipped", why: "Go is not installed" });
  } else {
    await suite.run({ cache, tally, options }).catch((error: unknown) => {
      tally.add({
        name: suite.name,
        result: "failed",
        why: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    });
  }
  failed ||= tally.count("failed") > 0;
  console.log(tally.summary);
}
// Sockets of other people's programs may linger; what counts has been counted.
process.exit(failed ? 1 : 0);
