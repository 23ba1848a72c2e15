/**
 * The inventory service with a fault that the demonstration switches on: `node slow-inventory.js <folder>` answers as
 * many milliseconds late as the file `<folder>/<instance>` says, and names its instance in each answer.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "@sampan/app";
import { type Layer, sleep, systemClock } from "@sampan/core";
import { inventory } from "@sampan/inventory-service/main";
import { instanceHeader } from "./instance-header.js";

/** How often the file is looked at, in ms. */
const lookEveryMs = 50;

const [folder = ""] = process.argv.slice(2);
const instance = process.env.SAMPAN_PROCESS_INSTANCE ?? "";
let delayMs = 0;

const look = (): void => {
  try {
    delayMs = Number(readFileSync(join(folder, instance), "utf8"));
  } catch {
    // No file, no fault.
    delayMs = 0;
  }
};

const slow: Layer = (next) => async (request, call) => {
  call.responseHeaders.set(instanceHeader, instance);
  if (delayMs > 0) await sleep(systemClock, delayMs, call.signal);
  return next(request, call);
};

setInterval(look, lookEveryMs).unref();
await run(inventory, { layers: [slow], sources: { argv: [] } });
