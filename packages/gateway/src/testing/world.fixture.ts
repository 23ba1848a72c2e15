import type { DescService } from "@bufbuild/protobuf";
import { type Call, Code, Dispatcher, type Handler, type Layer, methods, RpcError, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { Logger, TokenClaims } from "@sampan/core/ports";
import { type Gateway, type GatewayListener, type GatewayOptions, gateway } from "../index.js";

export interface World {
  readonly url: string;
  readonly port: number;
  readonly gateway: Gateway;
  readonly listener: GatewayListener;
  /** The calls that reached the services, in order. */
  readonly calls: Call[];
  readonly logs: string[];
  fetch(path: string, init?: RequestInit & { json?: unknown }): Promise<Response>;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<Omit<GatewayOptions, "runtime" | "services">> {
  /** What every method does; answers with its request unless given. */
  readonly serve?: Handler;
  readonly clientLayers?: readonly Layer[];
  readonly defaultTimeoutMs?: number;
}

/** The tokens that the world's verifier knows. */
const tokens: Readonly<Record<string, TokenClaims>> = {
  user: { subject: "u-1", roles: ["user"], tenant: "acme" },
  operator: { subject: "op-1", roles: ["operator"], tenant: "acme" },
};

/** Services behind a gateway on a free port, joined by the memory transport in its verifying mode. */
export async function worldOf(services: readonly DescService[], options: WorldOptions = {}): Promise<World> {
  const { serve, clientLayers, defaultTimeoutMs, ...rest } = options;
  const transport = memoryTransport({ verify: true });
  const calls: Call[] = [];
  const logs: string[] = [];
  const handler: Handler = (request, call) => {
    calls.push(call);
    return (serve ?? ((same: unknown) => same))(request, call);
  };
  const connect = (): ReturnType<typeof transport.connect> => transport.connect("memory");
  const behind = new Runtime({ name: "behind", connect });
  await transport.listen(
    new Dispatcher(
      behind,
      services.map((desc) => ({ desc, handlers: new Map(methods(desc).map((method) => [method, handler])) })),
    ),
  );
  const made = gateway({
    runtime: new Runtime({
      name: "edge",
      connect,
      logger: recorder(logs),
      ...(clientLayers === undefined ? {} : { clientLayers }),
      ...(defaultTimeoutMs === undefined ? {} : { defaultTimeoutMs }),
    }),
    services,
    verifier: { verify: (token) => Promise.resolve(claimsOf(token)) },
    ...rest,
  });
  const listener = await made.listen();
  return {
    url: listener.url,
    port: listener.port,
    gateway: made,
    listener,
    calls,
    logs,
    fetch: (path, { json, ...init } = {}) =>
      fetch(listener.url + path, {
        ...init,
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        headers: { ...(json === undefined ? {} : { "content-type": "application/json" }), ...init.headers },
      }),
    close: async () => {
      await listener.close();
      await transport.close();
    },
  };
}

function claimsOf(token: string): TokenClaims {
  const claims = tokens[token];
  if (claims === undefined) throw new RpcError(Code.Unauthenticated, "the token is not valid");
  return claims;
}

function recorder(lines: string[]): Logger {
  const line = (message: string, fields: unknown): void => {
    lines.push(`${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? String(value) : value))}`);
  };
  return { debug: line, info: line, warn: line, error: line, child: () => recorder(lines) };
}
