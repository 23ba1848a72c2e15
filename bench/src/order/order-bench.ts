import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Target } from "@sampan/cli/client";
import type { Bench, Row } from "../harness/bench.js";
import { median, pinned, pinSelf } from "../harness/machine.js";
import { type LoadCase, OrderLoad } from "./order-load.js";
import { timeByService } from "./time-by-span.js";

const cases: readonly LoadCase[] = [
  { name: "wallet, 1 line, 1 customer", byWallet: true, lines: 1, customers: 1 },
  { name: "wallet, 1 line, 32 customers", byWallet: true, lines: 1, customers: 32 },
  { name: "wallet, 20 lines, 32 customers", byWallet: true, lines: 20, customers: 32 },
  { name: "platform payment, 1 line, 32 customers", byWallet: false, lines: 1, customers: 32 },
];

const rounds = 3;
const msEach = 3_000;

export const orderBench: Bench = {
  name: "order",
  summary: "orders a second over HTTP, from the request to the confirmed order, and where the time goes",
  async run(report) {
    const server = await startServer();
    const separate = pinSelf(1);
    const load = new OrderLoad(server.target);
    try {
      await load.prepare(server.target.operatorKey, 32, 100);
      await load.run(cases[1] as LoadCase, 1_000);
      for (const each of cases) await measure(each, load, report);
      await explain(server, load, separate, report);
    } finally {
      load.close();
      await server.stop();
    }
  },
};

type Report = (row: Omit<Row, "bench">) => void;

async function measure(each: LoadCase, load: OrderLoad, report: Report): Promise<void> {
  const results = [];
  for (let round = 0; round < rounds; round++) results.push(await load.run(each, msEach));
  const row = { case: each.name, subject: "sampan" };
  const rates = results.map(({ orders, seconds }) => orders / seconds);
  report({ ...row, metric: "throughput", value: median(rates), unit: "orders/s" });
  for (const [metric, part] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const values = results.map(
      ({ latencies }) => [...latencies].sort((a, b) => a - b)[Math.floor(latencies.length * part)] ?? 0,
    );
    report({ ...row, metric, value: median(values), unit: "ms" });
  }
}

/** Where the time of an order goes: waiting, by service, from the traces; computing, by room, from a CPU profile. */
async function explain(server: Server, load: OrderLoad, separate: boolean, report: Report): Promise<void> {
  const one = await load.run(cases[0] as LoadCase, 2_000);
  const byService = await timeByService(server.target.adminUrl, one.traceIds);
  for (const [service, ms] of [...byService].sort((a, b) => b[1] - a[1])) {
    report({
      case: "1 customer, time in a service",
      subject: service,
      metric: "self time",
      value: ms,
      unit: "ms/order",
    });
  }
  await server.ask("profile");
  const many = await load.run(cases[1] as LoadCase, 4_000);
  const { rooms } = (await server.ask("report")) as { rooms: Record<string, number> };
  const busy = Object.entries(rooms).filter(([room]) => room !== "idle");
  const where = separate ? "32 customers, CPU of the server's core" : "32 customers, CPU (shared with the load)";
  for (const [room, us] of busy.sort((a, b) => b[1] - a[1])) {
    if (us / many.orders < 5) continue;
    report({ case: where, subject: room, metric: "CPU", value: us / many.orders, unit: "µs/order" });
  }
}

interface Server {
  readonly target: Target;
  ask(what: "profile" | "report"): Promise<unknown>;
  stop(): Promise<void>;
}

async function startServer(): Promise<Server> {
  const file = fileURLToPath(new URL("./order-server.js", import.meta.url));
  const [command, ...args] = [...pinned(0), process.execPath, file];
  const child: ChildProcess = spawn(command as string, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const failed = once(child, "exit").then(() => {
    throw new Error("the platform of the bench did not start");
  });
  const [target] = (await Promise.race([once(child, "message"), failed])) as [Target];
  failed.catch(() => {});
  return {
    target,
    async ask(what) {
      child.send(what);
      const [answer] = (await once(child, "message")) as [unknown];
      return answer;
    },
    async stop() {
      const ended = once(child, "exit");
      child.send("stop");
      await ended;
    },
  };
}
