// needs: curl
// limit: 600s
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../../bootstrap.mjs";
import { formatFinding } from "../gate.js";
import { readCommands } from "./commands.js";
import { english } from "./index.js";
import { startPlatform } from "./running-platform.fixture.js";
import { runTour, tourStops } from "./tour.js";

const file = join(repositoryRoot, english);
const missing = existsSync(file) ? false : `${english} is not written yet`;

test("every command of the README's tour succeeds, in order, on a new platform", { skip: missing }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-tour-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const platform = await startPlatform(repositoryRoot, data, 120_000);
  t.after(() => platform.stop());
  const commands = readCommands(english, readFileSync(file, "utf8"));
  const stops = tourStops(commands, platform.port, join(repositoryRoot, "tools/gates/readme/orders.csv"), data);
  assert.ok(stops.length > 0, `${english} shows no command that the tour runs`);
  const findings = await runTour(stops, repositoryRoot, 450_000);
  assert.deepEqual(findings.map(formatFinding), []);
});
