import type { Bench } from "../harness/bench.js";
import { fdatasyncUs, measure } from "./sql-commit.js";

export const sqlBench: Bench = {
  name: "sql",
  summary: "durable transactions of SQLite: in the thread, in groups, in a worker",
  async run(report) {
    report({ case: "a page", subject: "disk", metric: "fdatasync", value: fdatasyncUs(), unit: "µs" });
    const rows = await measure();
    for (const row of rows) {
      const name = `${row.case}, ${row.clients} at a time`;
      report({ case: name, subject: "sampan", metric: "throughput", value: row.perSecond, unit: "transactions/s" });
      report({ case: name, subject: "sampan", metric: "loop p99", value: row.loopP99Ms, unit: "ms" });
    }
  },
};
