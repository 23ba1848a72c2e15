import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Listener } from "@sampan/h2";
import { goPrograms } from "../runner/go-programs.js";
import { finish } from "../runner/processes.js";
import type { Suite } from "../runner/suite.js";
import type { Outcome } from "../runner/tally.js";
import { startPlainServer } from "./plain-server.js";
import { parseReport } from "./report.js";

const module = "github.com/summerwind/h2spec";
/** The last release that Go's module proxy can serve: the later ones have a go.mod that does not name their major version. */
const version = "v2.2.1+incompatible";
/** This release has no go.mod, so what it is built with is pinned here. */
const pins = {
  "github.com/fatih/color": "v1.19.0",
  "github.com/spf13/cobra": "v1.10.2",
  "golang.org/x/net": "v0.61.0",
};

const caseTimeoutSeconds = 3;
const runTimeoutMs = 240_000;

/** All generic, HTTP/2 and HPACK cases, the strict ones too, against a plain server on the engine; on a socket and over TLS. */
export const h2spec: Suite = {
  name: "h2spec",
  summary: "HTTP/2 and HPACK conformance of the engine, plain and TLS (summerwind/h2spec)",
  needsGo: true,
  async run({ cache, tally }) {
    const { folder } = await goPrograms(cache, module, version, ["cmd/h2spec"], pins);
    for (const tls of [false, true]) {
      const server = await startPlainServer(tls);
      const outcomes = await runAgainst(join(folder, "h2spec"), join(folder, "report.xml"), server, tls);
      for (const outcome of outcomes) tally.add(outcome);
      await server.close();
    }
  },
};

async function runAgainst(program: string, report: string, { port }: Listener, tls: boolean): Promise<Outcome[]> {
  await rm(report, { force: true });
  const words = ["--strict", `--port=${port}`, `--timeout=${caseTimeoutSeconds}`, `--junit-report=${report}`];
  const { output, status } = await finish(program, tls ? [...words, "--tls", "--insecure"] : words, runTimeoutMs);
  const cases = parseReport(await readFile(report, "utf8").catch(() => ""));
  const transport = tls ? "tls" : "plain";
  // A report without cases, or one that does not end as the program did, would count as success.
  const failures = cases.some(({ result }) => result === "failed");
  if (cases.length === 0 || failures !== (status !== 0))
    return [...cases, { name: `${transport} h2spec itself`, result: "failed", why: output.slice(-1000) }];
  return cases.map((each) => ({ ...each, name: `${transport} ${each.name}` }));
}
