import type { TlsOptions } from "node:tls";
import { Dispatcher, type Service, silentLogger } from "@sampan/core";
import type { Listener, Logger } from "@sampan/core/ports";
import { listen as listenH2 } from "@sampan/h2";
import { defaultMaxMessageBytes, type GrpcOptions, type Trust } from "../options.js";
import { createHealth, healthService } from "../services/health.js";
import { reflectionServices } from "../services/reflection.js";
import { type ServerTls, sourceOf } from "../tls/credentials.js";
import { addressOf, type Caller, callerOf } from "../tls/peer-identity.js";
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
  const trust = options.trust ?? (tls?.requireClientCertificate === true ? "verified" : "local");
  const logger: Logger = options.logger ?? silentLogger;
  const inner = await listenH2({
    at: endpoint.path === undefined ? { host: endpoint.host, port: endpoint.port } : { path: endpoint.path },
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    // A ping every 10 s is what gRPC clients may be set to at most (gRFC A8).
    connection: { minPingInterval: 10_000, ...options.connection },
    accept: (connection, peer) => {
      const caller = callerOf(peer);
      return new ServerConnection(connection, serving, caller, trusts(trust, caller));
    },
    onError: (error) => logger.error("a gRPC connection was closed over an error of this process", { error }),
  });
  const unwatch =
    tls === undefined ? (): void => {} : sourceOf(tls.certificates).watch(() => reload(inner.server, tls));

  let closed: Promise<void> | undefined;
  let wasClosed!: () => void;
  const closing = new Promise<void>((resolve) => {
    wasClosed = resolve;
  });
  let drained: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    unwatch();
    health?.shutdown();
    const quiet = Promise.all([inner.drain(), dispatcher.idle()]);
    // Watches have a turn to tell of it, and would last as long as their readers.
    setImmediate(() => builtIn.abortAll());
    await Promise.race([quiet, closing]);
  };
  const close = async (): Promise<void> => {
    unwatch();
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

function tlsOptions(tls: ServerTls): TlsOptions {
  const asks = tls.requireClientCertificate === true;
  return { ...sourceOf(tls.certificates).current(), requestCert: asks, rejectUnauthorized: asks };
}

/** New connections get the new certificate; open ones keep theirs. */
function reload(server: unknown, tls: ServerTls): void {
  (server as { setSecureContext?: (options: TlsOptions) => void }).setSecureContext?.(tlsOptions(tls));
}
