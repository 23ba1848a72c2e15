import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import type { Resolver } from "@sampan/core/ports";
import { watched } from "@sampan/testkit";
import type { BackendSettings } from "./backend-settings.js";

interface LeasedProcess {
  readonly settings: BackendSettings & { readonly ttlMs: number };
  readonly resolver: Resolver;
  dispose(): Promise<void>;
}

const program = new URL("./blocked-process.fixture.js", import.meta.url).pathname;

/** What becomes of a registered process that is blocked, and then killed: the same for every backend. */
export function leasedProcess(name: string, open: () => Promise<LeasedProcess>): void {
  test(`${name}: a process is overloaded while its loop is blocked, and gone after its ttl when it is killed`, async (t) => {
    const { settings, resolver, dispose } = await open();
    const seen = watched(resolver, "order");
    const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    const health = (wanted: string) =>
      seen.until((event) => "instances" in event && event.instances[0]?.health === wanted, wanted);
    try {
      await health("up");
      // Longer than the lease lasts: what keeps it is not the blocked loop.
      child.stdin?.write(`block ${settings.ttlMs + 1500}\n`);
      const blocked = performance.now();
      await health("overloaded");
      t.diagnostic(`overloaded ${Math.round(performance.now() - blocked)} ms after the block began`);
      await health("up");
      assert.deepEqual(seen.lost, [], "it was there all the time");
      const killed = performance.now();
      child.kill("SIGKILL");
      await seen.are();
      t.diagnostic(`gone ${Math.round(performance.now() - killed)} ms after the kill, ttl ${settings.ttlMs} ms`);
    } finally {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await resolver.close();
      await dispose();
    }
  });
}
