import { createInterface } from "node:readline";
import { contractInstance } from "@sampan/testkit";
import type { BackendSettings } from "./backend-settings.js";
import { workerRegistrar } from "./worker-registrar.js";

/** A process that registers one instance and, told `block <ms>`, holds its event loop for so long. */
const settings = JSON.parse(process.argv[2] ?? "") as BackendSettings;
const registrar = workerRegistrar(settings, { times: { ttlMs: settings.ttlMs ?? 30_000 } });
await registrar.register("order", contractInstance(1));

for await (const line of createInterface({ input: process.stdin })) {
  const until = performance.now() + Number(line.split(" ")[1]);
  while (performance.now() < until);
}
