import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { Connection, ConnectionListener } from "../connection/contract.js";
import { createConnection } from "../connection/engine.js";
import { type ConnectionOptions, connectionOptions } from "../connection/options.js";
import type { Counters } from "../limits/counters.js";
import { BufferPool } from "../wire/output.js";
import { FlushQueue } from "./flush-queue.js";
import { type Peer, peerOf } from "./peer.js";
import { rethrow, SocketDriver } from "./socket-driver.js";
import { Ticker } from "./ticker.js";

/**
 * Accepts HTTP/2 connections: h2c with prior knowledge, or TLS with ALPN `h2` when `tls` is given (a client that does
 * not offer it is disconnected, RFC 9113 section 3.2).
 */
export interface ListenSettings {
  /** As for `net.Server.listen`: port and host, or path, or backlog. */
  readonly at: ListenOptions;
  readonly tls?: TlsOptions;
  readonly connection?: Partial<ConnectionOptions>;
  /** Connections above this are closed at once. */
  readonly maxConnections?: number;
  /** False closes a connection, after TLS and before HTTP/2 says a word, so that its client counts it as failed. */
  readonly admit?: (peer: Peer) => boolean;
  /** Makes the listener of a new connection; called before its first octet is handled. */
  readonly accept: (connection: Connection, peer: Peer) => ConnectionListener;
  /** Hears what a listener threw; its connection is closed with INTERNAL_ERROR. Default: thrown into the process. */
  readonly onError?: (error: unknown) => void;
}

export interface Listener {
  /** The bound port, or 0 for a path. */
  readonly port: number;
  readonly counters: Counters;
  readonly connectionCount: number;
  /** For `setSecureContext` (certificate reload) and the like. */
  readonly server: Server;
  /** Stops accepting and drains every connection; resolves when the last is closed. */
  drain(): Promise<void>;
  /** Stops accepting and closes every connection at once. */
  close(): Promise<void>;
}

/** Socket buffer above which a flush counts as blocked; equals what one turn writes at most, about. */
const HIGH_WATER = 262_144;

export async function listen(settings: ListenSettings): Promise<Listener> {
  const options = connectionOptions(settings.connection);
  const pool = new BufferPool();
  const queue = new FlushQueue();
  const ticker = new Ticker();
  const connections = new Set<Connection>();

  /** Who waits for the last connection: `close` may be called while `drain` waits. */
  const waiting: (() => void)[] = [];

  const serve = (socket: Socket): void => {
    try {
      start(socket);
    } catch (error) {
      socket.destroy();
      (settings.onError ?? rethrow)(error);
    }
  };

  const start = (socket: Socket): void => {
    const peer = peerOf(socket);
    if (settings.admit?.(peer) === false) {
      options.counters.peersRefused++;
      socket.on("error", () => {});
      socket.destroy();
      return;
    }
    const driver = new SocketDriver(socket, queue, pool, settings.onError);
    const connection = createConnection(
      "server",
      withJitter(options),
      driver.output,
      (made) => settings.accept(made, peer),
      performance.now(),
    );
    connections.add(connection);
    ticker.add(driver);
    driver.start(connection, () => {
      connections.delete(connection);
      ticker.delete(driver);
      if (connections.size === 0) for (const resolve of waiting.splice(0)) resolve();
    });
  };

  const server =
    settings.tls === undefined ? plainServer(serve) : tlsServer(settings.tls, options.handshakeTimeout, serve);
  if (settings.maxConnections !== undefined) server.maxConnections = settings.maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.at, () => {
      server.off("error", reject);
      resolve();
    });
  });

  const stop = async (each: (connection: Connection) => void): Promise<void> => {
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of connections) each(connection);
    await stopped;
    if (connections.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    counters: options.counters,
    get connectionCount() {
      return connections.size;
    },
    server,
    drain: () => stop((connection) => connection.drain()),
    close: () => stop((connection) => connection.close()),
  };
}

function plainServer(serve: (socket: Socket) => void): Server {
  return createServer({ noDelay: true, highWaterMark: HIGH_WATER } as object, serve);
}

function tlsServer(tls: TlsOptions, handshakeTimeout: number, serve: (socket: Socket) => void): Server {
  // RFC 9113 section 9.2: TLS 1.2 or higher.
  const server = createTlsServer({ minVersion: "TLSv1.2", handshakeTimeout, ...tls, ALPNProtocols: ["h2"] });
  server.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") serve(socket);
    else socket.destroy();
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

/** Ten per cent either way, so that connections opened together do not all leave together (gRFC A9). */
function withJitter(options: ConnectionOptions): ConnectionOptions {
  if (options.maxAge === 0) return options;
  return { ...options, maxAge: options.maxAge * (0.9 + Math.random() * 0.2) };
}
