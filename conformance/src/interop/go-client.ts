import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Dispatcher, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import type { GoPrograms } from "../runner/go-programs.js";
import { finish } from "../runner/processes.js";
import type { Tally } from "../runner/tally.js";
import { LoadReports } from "./load-reports.js";
import { certifiedName, testData } from "./test-data.js";
import { testService } from "./test-service.js";

/** What grpc-go's client can do with any server. */
const cases = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "pick_first_unary",
  "orca_per_rpc",
  "orca_oob",
  "rpc_soak",
  "channel_soak",
];

/** Balancers of grpc-go's own read load reports; these cases need that one. */
const reportReader = '{"loadBalancingConfig":[{"test_backend_metrics_load_balancer":{}}]}';

const caseTimeoutMs = 60_000;

/** grpc-go's client against our server. */
export async function goClientCases(go: GoPrograms, tls: boolean, soak: number, tally: Tally): Promise<void> {
  const file = (name: string): string => testData(go, name);
  const certificates = tls ? { cert: readFileSync(file("server1.pem")), key: readFileSync(file("server1.key")) } : {};
  const transport = grpcTransport(tls ? { tls: { server: { certificates } } } : {});
  const runtime = new Runtime({ name: "interop", connect: () => transport.connect("unused:1") });
  const reports = new LoadReports();
  const dispatcher = new Dispatcher(runtime, [testService(reports), reports.service()]);
  const listener = await transport.listen(dispatcher);
  const port = listener.address.slice(listener.address.lastIndexOf(":") + 1);
  const words = [
    "--server_host=127.0.0.1",
    `--server_port=${port}`,
    `--soak_iterations=${soak}`,
    "--soak_overall_timeout_seconds=50",
  ];
  if (tls)
    words.push("--use_tls", "--use_test_ca", `--ca_file=${file("ca.pem")}`, `--server_host_override=${certifiedName}`);
  for (const name of cases) {
    const more = name.startsWith("orca") ? [`--service_config_json=${reportReader}`] : [];
    const program = join(go.folder, "client");
    const { status, output } = await finish(program, [...words, ...more, `--test_case=${name}`], caseTimeoutMs);
    const label = `grpc-go → sampan${tls ? " tls" : ""} ${name}`;
    tally.add(
      status === 0 ? { name: label, result: "passed" } : { name: label, result: "failed", why: output.slice(-500) },
    );
  }
  await transport.close();
}
