/** `npm run traffic-policy`: writes docs/reference/traffic-policy.md from the sections of the built packages/govern. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../bootstrap.mjs";
import { renderTrafficPolicy, trafficPolicyDoc } from "./render.js";

const page = await renderTrafficPolicy(repositoryRoot);
if (process.argv.includes("--write")) {
  const file = join(repositoryRoot, trafficPolicyDoc);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, page);
  console.log(`${trafficPolicyDoc}: ${page.split("\n").length} lines`);
} else {
  process.stdout.write(page);
}
