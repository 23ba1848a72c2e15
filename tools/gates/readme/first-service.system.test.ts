// needs: curl
// limit: 180s
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../../bootstrap.mjs";
import { formatFinding } from "../gate.js";
import type { Command } from "./commands.js";
import { applyChange, readGuide } from "./guide-steps.js";
import { freePort, type RunningPlatform, startProcess } from "./running-platform.fixture.js";
import { runTour } from "./tour.js";

const guide = "docs/guide/first-service.md";

/** Commands that go on until they are stopped. `npm run up` comes after the reader has stopped the others. */
const goesOn = /^(npm run up|node services\/(\w+)\/)/;

test("a reader who does what the first-service guide says has a service at the end", async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "sampan-guide-")));
  const running: RunningPlatform[] = [];
  const stopAll = async (): Promise<void> => {
    for (const each of running.splice(0).reverse()) await each.stop();
  };
  t.after(async () => {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  });
  const root = join(folder, "checkout");
  copyCheckout(root);
  // What the guide installs is there already; asking a registry would make the test depend on it.
  process.env.npm_config_offline = "true";
  const [gateway, guestbook] = [await freePort(), await freePort()];
  const own = (text: string): string =>
    text
      .replaceAll("127.0.0.1:8080", `127.0.0.1:${gateway}`)
      .replaceAll("--gateway.port 8080", `--gateway.port ${gateway}`)
      .replaceAll("127.0.0.1:9000", `127.0.0.1:${guestbook}`)
      .replaceAll("/tmp/", `${folder}/`);

  const run = async (command: Command): Promise<void> => {
    const typed = own(command.text);
    const [, , service] = goesOn.exec(typed) ?? [];
    if (!goesOn.test(typed)) {
      const findings = await runTour([{ command, typed, shown: own(command.output) }], root, 120_000);
      assert.deepEqual(findings.map(formatFinding), []);
      return;
    }
    if (service === undefined) await stopAll();
    const line = service === undefined ? `${typed} -- --port ${gateway} --data ${join(folder, "data")}` : typed;
    running.push(await startProcess(`exec ${line}`, root, service === "guestbook" ? guestbook : gateway, 120_000));
  };

  for (const step of readGuide(guide, readFileSync(join(repositoryRoot, guide), "utf8"))) {
    if (step.kind === "run") {
      await run(step.command);
      continue;
    }
    const path = join(root, step.path);
    if (step.kind === "write") {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, step.text);
    } else {
      writeFileSync(path, applyChange(readFileSync(path, "utf8"), step.diff));
    }
  }
});

/**
 * A checkout as its reader has it, installed and compiled; the times of files are kept, so that the compiler need not start anew.
 * The workspaces' links in node_modules are relative, so they lead into the copy.
 */
function copyCheckout(copy: string): void {
  const left = new Set([".git", ".sampan", ".cache"].map((name) => join(repositoryRoot, name)));
  const filter = (path: string): boolean => !left.has(path);
  cpSync(repositoryRoot, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter });
}
