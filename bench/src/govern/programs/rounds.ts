/** Measures one case: argument 1 is the module that exports `cases`, argument 2 its name. Tells the parent the time of a call, ns, for each message. */
import { pathToFileURL } from "node:url";
import { pinSelf } from "../../harness/machine.js";
import type { MeasuredCase, MeasuredCases } from "../measured-case.js";

const warmUpMs = 150;
const roundMs = 12;
/** Calls between two turns of the event loop. */
const turn = 500;

const [file = "", name = ""] = process.argv.slice(2);
const { cases } = (await import(pathToFileURL(file).href)) as { cases: MeasuredCases };
const make = cases[name];
if (make === undefined) throw new TypeError(`${file} has no case ${name}`);
const measured = await make();
const callsARound = await warmUp(measured);
pinSelf(1);
process.on("disconnect", () => process.exit(0));
process.on("message", () => {
  makeCalls(measured, callsARound).then(
    (ms) => process.send?.((ms * 1e6) / callsARound),
    (error: unknown) => {
      console.error(`${name}:`, error);
      process.exit(1);
    },
  );
});
process.send?.(0);

async function warmUp(measured: MeasuredCase): Promise<number> {
  const calls = Math.max(turn, measured.abreast ?? 0);
  let last = 0;
  for (let passed = 0; passed < warmUpMs; passed += last) last = await makeCalls(measured, calls);
  return Math.max(1, Math.round(roundMs / last)) * calls;
}

async function makeCalls(measured: MeasuredCase, calls: number): Promise<number> {
  const { abreast } = measured;
  const started = performance.now();
  if (abreast !== undefined) {
    for (let made = 0; made < calls; made += abreast) {
      await Promise.all(Array.from({ length: abreast }, () => measured.call()));
    }
  } else {
    for (let made = 0; made < calls; made += turn) {
      if (measured.refused === true) await refusals(measured, turn);
      else for (let i = 0; i < turn; i++) await measured.call();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return performance.now() - started;
}

async function refusals(measured: MeasuredCase, calls: number): Promise<void> {
  let answered = 0;
  for (let i = 0; i < calls; i++) {
    try {
      await measured.call();
      answered++;
    } catch {
      // What is measured.
    }
  }
  if (answered > 0) throw new Error(`${answered} of ${calls} calls were not refused`);
}
