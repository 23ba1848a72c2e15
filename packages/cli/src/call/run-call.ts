import type { Readable } from "node:stream";
import {
  createRegistry,
  type DescMessage,
  type DescService,
  type Message,
  type Registry,
  toJsonString,
} from "@bufbuild/protobuf";
import { type CallOptions, type Metadata, type Method, methods, RpcError } from "@sampan/core";
import { GrpcErrors, grpcTransport } from "@sampan/grpc";
import { CommandError } from "../command/command-error.js";
import { type CallCommand, readCallOptions } from "./call-options.js";
import { CallSession } from "./call-session.js";
import { describeEnum, describeMessage, describeMethod, describeService } from "./describe.js";
import { findMethod, findSymbol } from "./find-symbol.js";
import { invoke } from "./invoke.js";
import { ownCertificate } from "./own-certificate.js";
import { findPlaces, type Places } from "./places.js";
import { readMessage } from "./read-message.js";
import { openRequests, type RequestSource } from "./requests.js";
import { statusBase, statusText } from "./status-text.js";
import { errorTypes } from "./well-known-files.js";

/** Where a command reads and writes. */
export interface CallIo {
  readonly input: Readable;
  /** A line, or several; resolves when there is room for more. */
  print(text: string): Promise<void> | void;
  /** The same, on the error output. */
  warn(text: string): void;
  /** Calls back when the person presses Ctrl-C; returns a function that ends it. */
  onInterrupt(interrupted: () => void): () => void;
}

const unaryMs = 30_000;
const streamMs = 3_600_000;

/** `sampan call`, from its words to its exit status. Throws `CommandError`. */
export async function runCall(argv: readonly string[], io: CallIo): Promise<number> {
  const command = readCallOptions(argv);
  const tls = command.tls ?? (await ownCertificate(command));
  const transport = grpcTransport({
    maxMessageBytes: command.maxMessageBytes,
    ...(command.gzip ? { compression: "gzip" } : {}),
    ...(tls === undefined ? {} : { tls: { client: tls } }),
  });
  const session = new CallSession(transport, command.tenant);
  const ignore = io.onInterrupt(() => session.cancel());
  try {
    if (command.mode === "list") await list(command, session, io);
    else if (command.mode === "describe") await describe(command, session, io);
    else return await call(command, session, io);
    return 0;
  } catch (error) {
    if (session.cancelled) return 130;
    if (GrpcErrors.BAD_TARGET.is(error))
      throw new CommandError((error as RpcError).message, "sampan call --help shows some", 2);
    if (!(error instanceof RpcError)) throw error;
    io.warn(statusText(command.target ?? `the platform on ${command.folder}`, error, errorTypes));
    return statusBase + error.code;
  } finally {
    ignore();
    await session.close();
  }
}

async function list({ symbol, ...command }: CallCommand, session: CallSession, io: CallIo): Promise<void> {
  const places = await findPlaces({ symbol, ...command }, session);
  const names = symbol === undefined ? places.services : [findSymbol(symbol, places.services).service];
  for (const name of names) {
    const at = command.target === undefined ? `   at ${places.targetOf(name)}` : "";
    const [head, ...lines] = describeService((await serviceOf(name, places, session)).desc).split("\n");
    await io.print([`${head}${at}`, ...lines].join("\n"));
  }
}

async function describe(command: CallCommand, session: CallSession, io: CallIo): Promise<void> {
  const symbol = command.symbol as string;
  const places = await findPlaces(command, session);
  let unknown: unknown;
  try {
    const { service, method } = findSymbol(symbol, places.services);
    const { desc } = await serviceOf(service, places, session);
    return await io.print(method === undefined ? describeService(desc) : describeMethod(findMethod(desc, method)));
  } catch (error) {
    // It may be the name of a message.
    if (!(error instanceof CommandError) || symbol.includes("/")) throw error;
    unknown = error;
  }
  for (const target of places.targets) {
    const registry = await session.reflection(target).describe(symbol);
    const message = registry?.getMessage(symbol);
    const desc = registry?.getEnum(symbol);
    if (message !== undefined) return io.print(describeMessage(message));
    if (desc !== undefined) return io.print(describeEnum(desc));
  }
  throw unknown;
}

async function call(command: CallCommand, session: CallSession, io: CallIo): Promise<number> {
  const places = await findPlaces(command, session);
  const found = findSymbol(command.symbol as string, places.services);
  if (found.method === undefined || found.method === "")
    throw new CommandError(
      `${found.service} is a service`,
      `name a method: sampan call --list ${found.service} shows them`,
      2,
    );
  const { desc, registry } = await serviceOf(found.service, places, session);
  const { name } = findMethod(desc, found.method);
  const method = methodsOf(desc).find((each) => each.name === name) as Method;
  const types = createRegistry(registry, errorTypes);
  const root = session.root(places.targetOf(found.service));
  const source = sourceOf(command, method, io);
  const shown = (message: Message): Promise<void> | void => io.print(jsonOf(command, method.output, message, types));
  try {
    await invoke(root, method, messages(method.input, source, types), optionsOf(command, method, io), shown);
    return 0;
  } catch (error) {
    if (session.cancelled) return 130;
    if (GrpcErrors.RESERVED_METADATA.is(error))
      throw new CommandError((error as RpcError).message, "leave that header out", 2);
    if (!(error instanceof RpcError)) throw error;
    io.warn(statusText(`${method.service}/${method.name}`, error, types));
    return statusBase + error.code;
  } finally {
    source.close();
  }
}

async function serviceOf(
  name: string,
  places: Places,
  session: CallSession,
): Promise<{ readonly desc: DescService; readonly registry: Registry }> {
  const registry = await session.reflection(places.targetOf(name)).describe(name);
  const desc = registry?.getService(name);
  if (registry === undefined || desc === undefined)
    throw new CommandError(`the target lists ${name}, and does not describe it`, "check what listens there");
  return { desc, registry };
}

/** The options of a contract are a server's words too, and may not be what they say. */
function methodsOf(desc: DescService): readonly Method[] {
  try {
    return methods(desc);
  } catch (error) {
    throw new CommandError(`the options of ${desc.typeName} cannot be read: ${(error as Error).message}`);
  }
}

function sourceOf({ data }: CallCommand, method: Method, io: CallIo): RequestSource {
  return openRequests(data ?? (method.clientStreams ? "@-" : ""), io.input);
}

async function* messages(
  schema: DescMessage,
  { name, values }: RequestSource,
  types: Registry,
): AsyncGenerator<Message> {
  for await (const value of values) yield readMessage(schema, value, name, types);
}

function optionsOf(command: CallCommand, method: Method, io: CallIo): CallOptions {
  const { metadata, user, showHeaders } = command;
  const streams = method.clientStreams || method.serverStreams;
  const usual = method.timeoutMs > 0 ? method.timeoutMs : streams ? streamMs : unaryMs;
  const show = (what: string) => (found: Metadata) => io.warn(metadataText(what, found));
  return {
    metadata,
    timeoutMs: command.timeoutMs ?? usual,
    ...(user === undefined ? {} : { user }),
    ...(showHeaders ? { onHeaders: show("headers"), onTrailers: show("trailers") } : {}),
  };
}

function metadataText(what: string, found: Metadata): string {
  const lines = [...found].map(([name, value]) => {
    return `  ${name}: ${typeof value === "string" ? value : Buffer.from(value).toString("base64")}`;
  });
  return [`response ${what}:`, ...(lines.length === 0 ? ["  (none)"] : lines)].join("\n");
}

function jsonOf({ compact, defaults }: CallCommand, schema: DescMessage, message: Message, registry: Registry): string {
  try {
    return toJsonString(schema, message, {
      registry,
      alwaysEmitImplicit: defaults,
      prettySpaces: compact ? 0 : 2,
    });
  } catch (error) {
    throw new CommandError(`a response has no JSON: ${(error as Error).message}`);
  }
}
