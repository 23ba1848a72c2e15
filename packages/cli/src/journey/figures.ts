import { Code, codeName, methods } from "@sampan/core";
import { BrokerService } from "@sampan/protos/sampan/broker/v1/broker_pb.js";
import { KeyValueService } from "@sampan/protos/sampan/keyvalue/v1/key_value_pb.js";
import { RegistryService } from "@sampan/protos/sampan/registry/v1/registry_pb.js";
import { platformMethods } from "../platform/contracts.js";

/** What the processes of a platform have counted since they started. */
export interface Figures {
  /** Calls from one process to another, one answer each. */
  readonly made: number;
  /** Of these, what ended as calls do when connections or processes fail: method and code, with how often. */
  readonly failed: ReadonlyMap<string, number>;
  /** Calls that an access policy has refused. */
  readonly denied: number;
  /** Checks of the certificate at the other end of a connection, by servers and by clients, and how many it did not pass. */
  readonly certificates: { readonly byServers: number; readonly byClients: number; readonly refused: number };
}

/** Everything else is an answer that a service has given on purpose, such as NotFound. */
const failures: ReadonlySet<string> = new Set(
  [Code.Unavailable, Code.DeadlineExceeded, Code.Internal, Code.Unknown, Code.Unimplemented, Code.DataLoss].map(
    codeName,
  ),
);

/** A stream that lasts moves to another connection by ending and beginning anew, so it is not counted. */
const counted: ReadonlySet<string> = new Set([
  ...[...platformMethods].filter(([, { kind }]) => kind === "unary").map(([name]) => name),
  ...[BrokerService, KeyValueService, RegistryService].flatMap((service) =>
    methods(service).flatMap(({ kind, path }) => (kind === "unary" ? [path.slice(1)] : [])),
  ),
]);

/** Adds up the metrics of processes, given as the text that `/metrics` answers. */
export function figuresOf(texts: readonly string[]): Figures {
  let made = 0;
  let denied = 0;
  let refused = 0;
  const good = { client: 0, server: 0 };
  const failed = new Map<string, number>();
  for (const line of texts.flatMap((text) => text.split("\n"))) {
    const [, name, labels = "", digits] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const value = Number(digits);
    if (name === "sampan_access_denied_total") denied += value;
    if (name === "sampan_certificate_refused_total") refused += value;
    // Labelled with the side that has shown the certificate.
    if (name === "sampan_certificate_accepted_total") good[label(labels, "side") as keyof typeof good] += value;
    if (name !== "rpc_client_duration_seconds_count") continue;
    const method = `${label(labels, "service")}/${label(labels, "method")}`;
    if (!counted.has(method)) continue;
    made += value;
    const code = label(labels, "code");
    if (value > 0 && failures.has(code))
      failed.set(`${method} ${code}`, (failed.get(`${method} ${code}`) ?? 0) + value);
  }
  return { made, failed, denied, certificates: { byServers: good.client, byClients: good.server, refused } };
}

function label(labels: string, name: string): string {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
}
