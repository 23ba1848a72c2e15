import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunningProcess, run, service } from "@sampan/app";
import { settings } from "@sampan/config";
import { InventoryService } from "@sampan/contracts/inventory/v1/inventory_pb.js";
import type { Runtime } from "@sampan/core";
import { type SplitPlatform, startSplit } from "../../split/start-split.js";
import { goodRules } from "./rules.js";

/** Instances of the inventory: `inventory-1` and so on. */
const instances = 3;

/** A split platform that the demonstration may hurt, and a process that calls it. */
export interface Stage {
  readonly platform: SplitPlatform;
  /** Finds the instances through the registry and follows the same rules as all others. */
  readonly caller: Runtime;
  /** As the caller's registry sees them: `up`, `down`, … by instance; those that are gone are missing. */
  healths(): ReadonlyMap<string, string>;
  /** Makes an instance answer so much later, ms; 0 for as usual. */
  slow(instance: string, delayMs: number): void;
  kill(instance: string): void;
  /** Puts a rule file in place at once, as a ConfigMap would. */
  push(rules: string): void;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-storm-"));
  const faults = join(folder, "faults");
  const rules = join(folder, "rules.yaml");
  mkdirSync(faults);
  writeFileSync(rules, goodRules);
  const slowInventory = fileURLToPath(new URL("./slow-inventory.js", import.meta.url));
  let platform: SplitPlatform | undefined;
  let caller: RunningProcess | undefined;
  const close = async (): Promise<void> => {
    await caller?.stop();
    await platform?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    platform = await startSplit({
      data: join(folder, "data"),
      port: 0,
      instances: new Map([["inventory", instances]]),
      run: { signals: false },
      set: { process: { logLevel: "error", tenants: ["default", "acme", "globex", "noisy"] }, govern: { rules } },
      programOf: (name) =>
        name === "inventory"
          ? [slowInventory, faults]
          : [fileURLToPath(import.meta.resolve(`@sampan/${name}-service/main`))],
    });
    caller = await startCaller(platform.registry, rules);
  } catch (error) {
    await close();
    throw error;
  }
  const running = { platform, caller };
  return {
    platform,
    caller: caller.runtime("caller"),
    healths() {
      const state = running.caller.discovery?.states().get(InventoryService.typeName);
      return new Map((state?.instances ?? []).map(({ address, health }) => [address.replace(/.*\//, ""), health]));
    },
    slow: (instance, delayMs) => writeFileSync(join(faults, instance), String(delayMs)),
    kill(instance) {
      const pid = running.platform.processes.get(instance)?.pid;
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    },
    push(text) {
      writeFileSync(`${rules}.new`, text);
      renameSync(`${rules}.new`, rules);
    },
    close,
  };
}

function startCaller(registry: string, rules: string): Promise<RunningProcess> {
  return run(service({ name: "caller", settings: settings({}), needs: {}, build: () => ({}) }), {
    signals: false,
    sources: {
      argv: [],
      env: {},
      folder: "none",
      set: {
        process: { registry, criticalServices: [InventoryService.typeName], adminPort: -1, logLevel: "error" },
        govern: { rules },
      },
    },
  });
}
