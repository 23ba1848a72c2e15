import type { Bench } from "../harness/bench.js";
import { measure } from "./core-call.js";

export const coreBench: Bench = {
  name: "core",
  summary: "what a call between two services of one process costs",
  async run(report) {
    for (const row of await measure()) {
      report({ case: row.case, subject: "sampan", metric: "time", value: row.nsPerCall, unit: "ns/call" });
    }
  },
};
