import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Handler, type Method, methods, Runtime, superviseUnary } from "@sampan/core";
import { allSections, fileSource, followSource, Governor, governStack } from "@sampan/govern";
import { EchoService } from "@sampan/testkit";

const waitMs = 5000;

/**
 * How long it takes from a change of a rule file (replaced, as editors do it) until calls are decided by the new rules,
 * ms; several changes to and fro.
 */
export async function ruleChanges(changes: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-rules-"));
  const file = join(folder, "rules.yaml");
  const method = methods(EchoService)[0] as Method;
  const write = (open: boolean): void => {
    // A rate that lets one call through in a century is as good as none.
    const rate = open ? "1000000/s" : "1/1h";
    writeFileSync(`${file}.new`, `rules: [{ name: gate, match: { service: ${method.service} }, limit: ${rate} }]\n`);
    renameSync(`${file}.new`, file);
  };
  write(true);
  const governor = new Governor({ stack: governStack() });
  const served: Handler = () => ({ text: "" });
  const handler = governor.server(served, method);
  const stop = followSource(governor, fileSource(file), { sections: allSections });
  const runtime = new Runtime({
    name: "bench",
    connect: (service) => {
      throw new TypeError(`${service} is not called`);
    },
  });
  const passes = (): Promise<boolean> =>
    superviseUnary(handler, {}, runtime.root({ name: "bench" })).then(
      () => true,
      () => false,
    );
  const until = async (wanted: boolean): Promise<number> => {
    const began = performance.now();
    while ((await passes()) !== wanted) {
      if (performance.now() - began > waitMs) throw new Error(`a changed rule had no effect within ${waitMs} ms`);
      await sleep(1);
    }
    return performance.now() - began;
  };
  try {
    await sleep(300);
    await until(true);
    const took: number[] = [];
    for (let change = 0; change < changes; change++) {
      const open = change % 2 === 1;
      // Not in step with whatever the source does at intervals.
      await sleep(137 + 71 * change);
      write(open);
      took.push(await until(open));
    }
    return took;
  } finally {
    stop();
    governor.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
