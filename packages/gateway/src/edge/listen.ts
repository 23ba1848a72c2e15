import { createServer, type Server, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@sampan/core";
import { GatewayErrors } from "../errors.js";
import type { GatewaySettings } from "../options.js";
import { answerBrokenRequests } from "./broken-requests.js";
import type { Edge } from "./edge.js";
import type { GatewayLimits } from "./limits.js";

export interface ListenOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

/** An open port. */
export interface GatewayListener {
  /** `http://127.0.0.1:8080`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Refuses new requests with 503; resolves, and the port is closed, when those in work have their answers. */
  drain(): Promise<void>;
  /** Aborts what is in work, and closes the port and every connection. */
  close(): Promise<void>;
}

/** Rejects with `ADDRESS_IN_USE`, or with the error of the system. */
export async function listen(edge: Edge, settings: GatewaySettings, options: ListenOptions): Promise<GatewayListener> {
  const { limits, runtime } = settings;
  const host = options.host ?? "127.0.0.1";
  const server = createServer(serverOptions(limits));
  server.maxConnections = limits.maxConnections;
  server.on("drop", (data) => runtime.logger.warn("a connection was refused: there are too many", { ...data }));
  const current = answerBrokenRequests(server, settings);
  server.on("request", (request, response) => {
    current.set(request.socket, response);
    edge.accept(request, response, false);
  });
  server.on("checkContinue", (request, response) => {
    current.set(request.socket, response);
    edge.accept(request, response, true);
  });
  await bind(server, host, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once("close", () => resolve()));
  return {
    url: `http://${visible(host)}:${port}`,
    port,
    async drain(): Promise<void> {
      // The port stays open until then, so that a late client gets a refusal that it can retry elsewhere.
      await edge.traffic.drain();
      server.close();
      server.closeIdleConnections();
      // What is left has not sent a whole request yet.
      await within(limits.lingerTimeoutMs, closed, runtime.clock);
      server.closeAllConnections();
      await closed;
    },
    async close(): Promise<void> {
      const idle = edge.traffic.drain();
      server.close();
      edge.abortAll();
      // Aborted calls still get their answers out.
      await within(limits.lingerTimeoutMs, idle, runtime.clock);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Waits for the work, but no longer than `ms`. */
function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.timer(ms, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
}

function serverOptions(limits: GatewayLimits): ServerOptions {
  return {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // How late the two timeouts may be noticed; Node's own 30 s would make shorter ones meaningless.
    connectionsCheckingInterval: Math.max(20, Math.min(5_000, Math.floor(limits.headersTimeoutMs / 4))),
    requireHostHeader: true,
    insecureHTTPParser: false,
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(
        error.code === "EADDRINUSE"
          ? GatewayErrors.ADDRESS_IN_USE({ host, port: String(port) }, { cause: error })
          : error,
      );
    };
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}

/** An address that a client on this machine can use. */
function visible(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
