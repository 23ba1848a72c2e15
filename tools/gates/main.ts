/** `npm run gates [-- name…]`: runs all gates, or those named, one after another; the exit status is 1 when one found something. */
import { repositoryRoot } from "../bootstrap.mjs";
import { formatFinding, type Gate } from "./gate.js";
import { gates } from "./registry.js";

const names = process.argv.slice(2);

if (names.includes("--list")) {
  for (const gate of gates) console.log(gate.name);
} else {
  const unknown = names.filter((name) => !gates.some((gate) => gate.name === name));
  if (unknown.length > 0) {
    console.error(`no gate is called "${unknown.join('", "')}". There are:`);
    for (const gate of gates) console.error(`  ${gate.name.padEnd(14)} ${gate.purpose}`);
    process.exit(2);
  }
  for (const gate of gates) if (names.length === 0 || names.includes(gate.name)) await run(gate);
}

async function run(gate: Gate): Promise<void> {
  const started = performance.now();
  const findings = await gate.find(repositoryRoot);
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const measured = gate.measure?.(repositoryRoot);
  const verdict = findings.length === 0 ? "ok  " : "FAIL";
  console.log(`${verdict} ${gate.name}  (${findings.length} findings · ${took})${measured ? `  ${measured}` : ""}`);
  for (const finding of findings) console.log(`  ${formatFinding(finding)}`);
  if (findings.length > 0) process.exitCode = 1;
}
