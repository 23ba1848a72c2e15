// needs: curl
// limit: 180s
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../../bootstrap.mjs";
import { formatFinding } from "../gate.js";
import { readCommands } from "./commands.js";
import { freePort, startProcess } from "./running-platform.fixture.js";
import { runTour } from "./tour.js";

const guide = "docs/guide/operating.md";
const shownStart = "npm run up -- --process.admin-port 9090";

test("every command of the operating guide works on a new platform, and prints what is shown", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "sampan-operating-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [gateway, admin] = [await freePort(), await freePort()];
  const data = join(folder, "data");
  const own = (text: string): string =>
    text
      .replaceAll("9090", String(admin))
      .replaceAll(".sampan/", `${data}/`)
      .replaceAll("sampan-backup", join(folder, "backup"));
  const [start, ...commands] = readCommands(guide, readFileSync(join(repositoryRoot, guide), "utf8"));
  assert.equal(start?.text, shownStart);
  const line = `exec ${own(shownStart)} --port ${gateway} --data ${data}`;
  const platform = await startProcess(line, repositoryRoot, gateway, 120_000);
  t.after(() => platform.stop());
  const stops = commands.map((command) => ({ command, typed: own(command.text), shown: own(command.output) }));
  assert.ok(stops.length > 5, "the guide shows commands");
  const findings = await runTour(stops, repositoryRoot, 60_000);
  assert.deepEqual(findings.map(formatFinding), []);
});
