import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import type { Call, Metadata } from "@sampan/core";
import { TestService } from "../gen/interop_pb.js";
import { OpenRcaService, type OrcaLoadReport, OrcaLoadReportSchema } from "../gen/orca_pb.js";
import { RequestStream } from "../runner/request-stream.js";
import { reportKey } from "./load-reports.js";

const first = { cpuUtilization: 0.821, memoryUtilization: 0.5847, utilization: { util: 0.30499 } };
const second = { cpuUtilization: 0.29309, memoryUtilization: 0.2, utilization: { util: 0.2039 } };

/** The server's report of one call comes in its trailers. */
export async function orcaPerRpc(call: Call): Promise<void> {
  let report: OrcaLoadReport | undefined;
  const onTrailers = (trailers: Metadata): void => {
    const bytes = trailers.getBytes(reportKey);
    if (bytes !== undefined) report = fromBinary(OrcaLoadReportSchema, bytes);
  };
  const requestCost = { cost: 3456.32 };
  await call.to(TestService).unaryCall({ orcaPerQueryReport: { ...first, requestCost } }, { onTrailers });
  assert.equal(report?.cpuUtilization, first.cpuUtilization);
  assert.equal(report?.memUtilization, first.memoryUtilization);
  assert.deepEqual({ ...report?.requestCost }, requestCost);
  assert.deepEqual({ ...report?.utilization }, first.utilization);
}

/** The server's report of itself comes in a stream of its own, and follows what the server is told. */
export async function orcaOob(call: Call): Promise<void> {
  const requests = new RequestStream();
  const answers = call.to(TestService).fullDuplexCall(requests);
  const reports = call.to(OpenRcaService).streamCoreMetrics({ reportInterval: { seconds: 1n } });
  for (const orcaOobReport of [first, second]) {
    requests.say({ orcaOobReport, responseParameters: [{ size: 1 }] });
    await answers.next();
    for await (const { cpuUtilization, memUtilization } of { [Symbol.asyncIterator]: () => withoutReturn(reports) }) {
      if (cpuUtilization === orcaOobReport.cpuUtilization && memUtilization === orcaOobReport.memoryUtilization) break;
    }
  }
  requests.end();
  assert.equal((await answers.next()).done, true);
  await reports.return?.();
}

/** Leaving a loop must not end the stream. */
function withoutReturn<T>(stream: AsyncIterator<T>): AsyncIterator<T> {
  return { next: () => stream.next() };
}
