import { balanceBench } from "./balance/balance-bench.js";
import { coreBench } from "./core/core-bench.js";
import { governBench } from "./govern/govern-bench.js";
import { clientBench } from "./grpc/client-bench.js";
import { idleBench } from "./grpc/idle-bench.js";
import { layersBench } from "./grpc/layers-bench.js";
import { openLoopBench } from "./grpc/open-loop-bench.js";
import { streamBench } from "./grpc/stream-bench.js";
import { tlsBench } from "./grpc/tls-bench.js";
import { unaryBench } from "./grpc/unary-bench.js";
import type { Bench, BenchOptions, Row } from "./harness/bench.js";
import { machine } from "./harness/machine.js";
import { identityBench } from "./identity/identity-bench.js";
import { limitsBench } from "./limits/limits-bench.js";
import { orderBench } from "./order/order-bench.js";
import { overloadBench } from "./overload/overload-bench.js";
import { sqlBench } from "./sql/sql-bench.js";

const benches: readonly Bench[] = [
  orderBench,
  coreBench,
  sqlBench,
  unaryBench,
  clientBench,
  streamBench,
  tlsBench,
  openLoopBench,
  idleBench,
  layersBench,
  balanceBench,
  overloadBench,
  limitsBench,
  governBench,
  identityBench,
];

const help = `npm run bench -- <name> [--json] [--rounds=<n>]

${benches.map(({ name, summary }) => `  ${name.padEnd(11)}${summary}`).join("\n")}

With --json each line is an object: {bench, case, subject, metric, value, unit, peer?, ratio?, note?}.
--rounds: how often each subject is measured (stream).`;

async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes("--json");
  const rounds = argv.find((word) => word.startsWith("--rounds="))?.slice("--rounds=".length);
  if (rounds !== undefined && !/^[1-9]\d{0,2}$/.test(rounds)) {
    console.error(`--rounds is a number from 1 to 999, not ${rounds}`);
    return 2;
  }
  const options: BenchOptions = rounds === undefined ? {} : { rounds: Number(rounds) };
  const names = argv.filter((word) => word !== "--json" && !word.startsWith("--rounds="));
  if (names.length === 0 || names.includes("--help")) {
    console.log(help);
    return names.length === 0 ? 2 : 0;
  }
  const chosen = names.map((name) => benches.find((bench) => bench.name === name));
  if (chosen.includes(undefined)) {
    console.error(`there is no bench of that name: ${names.join(" ")}\n\n${help}`);
    return 2;
  }
  if (!json) console.log(machine());
  for (const bench of chosen as Bench[]) {
    if (!json) console.log(`\n${bench.name}: ${bench.summary}`);
    await bench.run((row) => console.log(json ? JSON.stringify({ bench: bench.name, ...row }) : line(row)), options);
  }
  return 0;
}

function line({ case: name, subject, metric, value, unit, peer, ratio, note }: Omit<Row, "bench">): string {
  const shown = value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toPrecision(3);
  const compared = peer === undefined ? "" : `  ${ratio?.toFixed(2)}x ${peer}`;
  return `  ${name.padEnd(44)} ${subject.padEnd(14)} ${metric.padEnd(20)} ${shown.padStart(10)} ${unit}${compared}${note === undefined ? "" : `  (${note})`}`;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  return 1;
});
