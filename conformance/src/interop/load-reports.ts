import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Call, type Implementation, implement, type Service } from "@sampan/core";
import type { TestOrcaReport } from "../gen/interop_pb.js";
import { OpenRcaService, type OrcaLoadReport, OrcaLoadReportSchema } from "../gen/orca_pb.js";

/** The trailer of a call's own report (gRFC A51). */
export const reportKey = "endpoint-load-metrics-bin";

/** What callers of the test service say the load is, told again: behind a call, and to who listens (gRFC A51). */
export class LoadReports {
  private current: OrcaLoadReport = create(OrcaLoadReportSchema);

  behind(call: Call, reported: TestOrcaReport | undefined): void {
    if (reported === undefined) return;
    call.responseTrailers.append(reportKey, toBinary(OrcaLoadReportSchema, toReport(reported)));
  }

  remember(reported: TestOrcaReport | undefined): void {
    if (reported !== undefined) this.current = toReport(reported);
  }

  service(): Service {
    const latest = (): OrcaLoadReport => this.current;
    const implementation: Implementation<typeof OpenRcaService> = {
      async *streamCoreMetrics({ reportInterval }, call) {
        const seconds = Number(reportInterval?.seconds ?? 1n) + (reportInterval?.nanos ?? 0) / 1e9;
        while (!call.settled) {
          yield latest();
          await sleep(Math.max(100, seconds * 1000));
        }
      },
    };
    return implement(OpenRcaService, implementation);
  }
}

function toReport({ cpuUtilization, memoryUtilization, requestCost, utilization }: TestOrcaReport): OrcaLoadReport {
  return create(OrcaLoadReportSchema, { cpuUtilization, memUtilization: memoryUtilization, requestCost, utilization });
}
