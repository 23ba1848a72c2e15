import { readFileSync } from "node:fs";
import { parseBytes, parseDuration } from "@sampan/config";
import type { EndUser, Metadata } from "@sampan/core";
import type { ClientTls } from "@sampan/grpc";
import { CommandError } from "../command/command-error.js";
import { type OptionShape, type ParsedOptions, readOptions } from "../command/options.js";
import { readHeaders } from "./header.js";

const shape = {
  target: { type: "string" },
  folder: { type: "string" },
  as: { type: "string" },
  list: { type: "boolean" },
  describe: { type: "boolean" },
  data: { type: "string", short: "d" },
  header: { type: "string", short: "H", multiple: true },
  timeout: { type: "string" },
  user: { type: "string" },
  role: { type: "string", multiple: true },
  tenant: { type: "string" },
  headers: { type: "boolean", short: "v" },
  compact: { type: "boolean" },
  defaults: { type: "boolean" },
  plaintext: { type: "boolean" },
  tls: { type: "boolean" },
  ca: { type: "string" },
  cert: { type: "string" },
  key: { type: "string" },
  "server-name": { type: "string" },
  gzip: { type: "boolean" },
  "max-message": { type: "string" },
} as const satisfies OptionShape;

export const callHelp = `sampan call: calls a method of a gRPC server, which tells by reflection what it takes
  sampan call                                       lists the services and their methods
  sampan call --list [service]                      the same, or of one service
  sampan call --describe <service[/method]|message> shows fields, and JSON to start from
  sampan call <service>/<method> ['{json}']         calls it; a dot does for the slash, and the package may be left out

where
  --target <address>    127.0.0.1:50051, dns:///orders:50051, unix:/run/orders, ipv4:10.0.0.1:50051,10.0.0.2:50051;
                        default: the platform that runs on the data folder, the process that serves the service
  --folder <folder>     that data folder (default .sampan)
  --as <service>        when that platform has mTLS: whose certificate is shown (default gateway); the access policy says
                        what it may call
  --plaintext           without TLS (the default)
  --tls                 with TLS; --ca <file> names authorities, --cert <file> and --key <file> ours, and
                        --server-name <name> what the server's certificate must carry
what
  -d, --data <json>     the message, as canonical protobuf JSON; @file reads a file, @- standard input.
                        Streams take several, one behind the other, each sent when it is complete; without data a
                        stream reads standard input, and any other method gets an empty message
  -H, --header <h>      'name: value', again for more; a name that ends in -bin takes base64
  --timeout <time>      such as 500ms or 2s, at most 24h (default: the contract's, or 30s, or 1h for streams)
  --user <subject>      for whom the call is made, and --role <role>, again for more; --tenant <name>. A Sampan server
                        believes them on its own machine only
  --gzip                compresses messages above 1 KB
  --max-message <size>  the largest response (default 16MiB)
output
  --compact             one response a line
  --defaults            shows fields that are not set, too
  -v, --headers         response headers and trailers, on the error output
  --help

Exit status: 0 the call ended well; 1 something went wrong before there was an answer; 2 the command was not understood;
64 + code for the code that the call ended with (69 NOT_FOUND, 78 UNAVAILABLE); 130 Ctrl-C, which cancels the call.

Examples
  sampan call CatalogService/ListProducts
  sampan call order.v1.OrderService/CreateOrder --user u1 --role user '{"lines": [{"productId": "tea", "quantity": "1"}]}'
  sampan call --target 127.0.0.1:50051 -H 'x-key: a' --timeout 2s acme.v1.Things/Get '{"id": "1"}'
  sampan call --target unix:/run/chat chat.v1.Chat/Talk -d @- --compact < lines.json`;

/** What `sampan call` was told. */
export interface CallCommand {
  readonly mode: "list" | "describe" | "call";
  /** A service, method or message; undefined lists everything. */
  readonly symbol: string | undefined;
  /** Undefined: the platform that runs on `folder`. */
  readonly target: string | undefined;
  readonly folder: string;
  /** A service of the platform that runs on `folder`. */
  readonly as: string | undefined;
  /** Undefined when none was given. */
  readonly data: string | undefined;
  readonly metadata: Metadata;
  readonly timeoutMs: number | undefined;
  readonly user: EndUser | undefined;
  readonly tenant: string;
  readonly showHeaders: boolean;
  readonly compact: boolean;
  readonly defaults: boolean;
  readonly tls: ClientTls | undefined;
  readonly gzip: boolean;
  readonly maxMessageBytes: number;
}

const longestTimeoutMs = 86_400_000;
const largestMessage = 1024 * 1024 * 1024;

/** Throws `CommandError`. */
export function readCallOptions(argv: readonly string[]): CallCommand {
  const { values, positionals } = readOptions("call", argv, shape);
  const [symbol, json, ...more] = positionals;
  const mode = values.list ? "list" : values.describe ? "describe" : symbol === undefined ? "list" : "call";
  if (values.list && values.describe) throw wrong("--list and --describe are two commands", "choose one");
  if (mode === "describe" && symbol === undefined)
    throw wrong("--describe needs a name", "of a service, method or message");
  if (json !== undefined && mode !== "call") throw wrong(`--${mode} takes one name`, "sampan call --help says more");
  if (json !== undefined && values.data !== undefined)
    throw wrong("the data is given twice", "leave --data out, or what follows the method");
  if (more.length > 0) throw wrong(`${more[0]} is one word too many`, "put the JSON in single quotes");
  if (values.as !== undefined && values.target !== undefined)
    throw wrong("--as is for the platform on a data folder", "give --cert and --key with --target");
  if (values.role !== undefined && values.user === undefined)
    throw wrong("--role needs --user", "say whose role it is");
  return {
    mode,
    symbol,
    target: values.target,
    folder: values.folder ?? ".sampan",
    as: values.as,
    data: values.data ?? json,
    metadata: readHeaders(values.header ?? []),
    timeoutMs: values.timeout === undefined ? undefined : timeoutOf(values.timeout),
    user: values.user === undefined ? undefined : { subject: values.user, roles: values.role ?? [] },
    tenant: values.tenant ?? "default",
    showHeaders: values.headers ?? false,
    compact: values.compact ?? false,
    defaults: values.defaults ?? false,
    tls: tlsOf(values),
    gzip: values.gzip ?? false,
    maxMessageBytes: sizeOf(values["max-message"] ?? "16MiB"),
  };
}

function timeoutOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1 || ms > longestTimeoutMs)
    throw wrong(`--timeout ${text} is not a time from 1ms to 24h`, "write it as 500ms, 2s or 5m");
  return ms;
}

function sizeOf(text: string): number {
  const size = parseBytes(text);
  if (size === undefined || size < 1 || size > largestMessage)
    throw wrong(`--max-message ${text} is not a size from 1B to 1GiB`, "write it as 4MiB");
  return size;
}

function tlsOf(values: ParsedOptions<typeof shape>["values"]): ClientTls | undefined {
  const { ca, cert, key } = values;
  const serverName = values["server-name"];
  const wanted = [ca, cert, key, serverName].some((value) => value !== undefined) || values.tls === true;
  if (!wanted) return undefined;
  if (values.plaintext) throw wrong("--plaintext is without TLS", "leave it out, or what TLS needs");
  if ((cert === undefined) !== (key === undefined)) throw wrong("--cert and --key belong together", "give both");
  return {
    certificates: {
      ...(ca === undefined ? {} : { ca: read("--ca", ca) }),
      ...(cert === undefined ? {} : { cert: read("--cert", cert) }),
      ...(key === undefined ? {} : { key: read("--key", key) }),
    },
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw wrong(`${option} ${file} cannot be read: ${(error as Error).message}`, "name a PEM file");
  }
}

function wrong(message: string, fix: string): CommandError {
  return new CommandError(message, fix, 2);
}
