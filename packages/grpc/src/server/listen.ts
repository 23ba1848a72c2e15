import { Dispatcher, type Service, silentLogger, systemClock } from "@sampan/core";
import type { Listener, Logger } from "@sampan/core/ports";
import { listen as listenH2 } from "@sampan/h2";
import { defaultMaxMessageBytes, type GrpcOptions, type Trust } from "../options.js";
import { createHealth, healthService } from "../services/health.js";
import { reflectionServices } from "../services/reflection.js";
import { addressOf, type Caller, callerOf } from "../tls/peer-identity.js";
import { ServerCredentials } from "../tls/server-credentials.js";
import { parseAddress } from "../wire/target.js";
import { servedMethods } from "./served-method.js";
import { ServerConnection, type Serving } from "./server-connection.js";

/**
 * Serves a dispatcher's services, and health and reflection beside them, until it is drained or closed.
 *
 * Drain: health turns NOT_SERVING, GOAWAY goes out, calls in work and those racing the GOAWAY are served. Close: calls
 * in work fail with `DRAINING`.
 */
export async function listen(dispatcher: Dispatcher, options: GrpcOptions): Promise<Listener> {
  const endpoint = parseAddress(options.address ?? "127.0.0.1:0");
  const health = options.health === false ? undefined : (options.health ?? createHealth());
  const services: Service[] = health === undefined ? [] : [healthService(health, dispatcher.services)];
  if (options.reflection !== false) services.push(...reflectionServices([...dispatcher.services, ...services]));
  const builtIn = new Dispatcher(dispatcher.runtime, services);
  const serving: Serving = {
    methods: servedMethods(dispatcher, builtIn, {
      receive: options.maxMessageBytes ?? defaultMaxMessageBytes,
      send: options.maxSendMessageBytes ?? Number.POSITIVE_INFINITY,
    }),
    gzip: options.compression === "gzip",
    transportErrorInfo: options.transportErrorInfo ?? true,
  };
  const tls = options.tls?.server;
  const logger: Logger = options.logger ?? silentLogger;
  const credentials = tls && new ServerCredentials(tls, options.clock ?? systemClock, logger);
  const trust = options.trust ?? (credentials?.asks === true ? "verified" : "local");
  const inner = await listenH2({
    at: endpoint.path === undefined ? { host: endpoint.host, port: endpoint.port } : { path: endpoint.path },
    ...(credentials && { tls: credentials.options(), admit: (peer) => credentials.admit(peer) }),
    // A ping every 10 s is what gRPC clients may be set to at most (gRFC A8).
    connection: { minPingInterval: 10_000, ...options.connection },
    accept: (connection, peer) => {
      const caller = callerOf(peer);
      const served = new ServerConnection(connection, serving, caller, trusts(trust, caller));
      if (credentials !== undefined) served.gone = credentials.vouch(peer, caller.certified, served);
      return served;
    },
    onError: (error) => logger.error("a gRPC connection was closed over an error of this process", { error }),
  });
  credentials?.follow(inner);

  let closed: Promise<void> | undefined;
  let wasClosed!: () => void;
  const closing = new Promise<void>((resolve) => {
    wasClosed = resolve;
  });
  let drained: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    credentials?.stop();
    health?.shutdown();
    const quiet = Promise.all([inner.drain(), dispatcher.idle()]);
    // Watches have a turn to tell of it, and would last as long as their readers.
    setImmediate(() => builtIn.abortAll());
    await Promise.race([quiet, closing]);
  };
  const close = async (): Promise<void> => {
    credentials?.close();
    health?.shutdown();
    builtIn.abortAll();
    dispatcher.abortAll();
    // The statuses of these calls are written in the turns that follow.
    await new Promise((resolve) => setImmediate(resolve));
    await inner.close();
    wasClosed();
  };
  return {
    address: endpoint.path === undefined ? addressOf(endpoint.host, inner.port) : `unix:${endpoint.path}`,
    drain: () => closed ?? (drained ??= drain()),
    close: () => (closed ??= close()),
  };
}

function trusts(trust: Trust, caller: Caller): boolean {
  if (trust === "all") return true;
  if (trust === "none") return false;
  return caller.verified || (trust === "local" && caller.local);
}
