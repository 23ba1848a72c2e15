import { connect as connectPlain, type NetConnectOpts, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket, type ConnectionOptions as TlsConnectOptions } from "node:tls";
import type { Connection, ConnectionListener } from "../connection/contract.js";
import { createConnection } from "../connection/engine.js";
import { type ConnectionOptions, connectionOptions } from "../connection/options.js";
import { BufferPool } from "../wire/output.js";
import { FlushQueue } from "./flush-queue.js";
import { type Peer, peerOf } from "./peer.js";
import { SocketDriver } from "./socket-driver.js";
import { Ticker } from "./ticker.js";

/**
 * Opens one client connection: h2c with prior knowledge, or TLS with ALPN `h2` when `tls` is given.
 *
 * Resolves when the transport is up and the preface is on its way; the server's SETTINGS are announced by
 * `onCapacity`. Rejects with the socket's error, with `signal.reason` when aborted, or when the server did not choose
 * `h2`. After that the listener learns everything else.
 */
export interface ConnectSettings {
  /** As for `net.connect`: port and host, or path. */
  readonly to: NetConnectOpts;
  readonly tls?: TlsConnectOptions;
  readonly connection?: Partial<ConnectionOptions>;
  readonly signal?: AbortSignal;
  readonly listener: (connection: Connection, peer: Peer) => ConnectionListener;
  /** Hears what the listener threw; the connection is closed with INTERNAL_ERROR. Default: thrown into the process. */
  readonly onError?: (error: unknown) => void;
}

const HIGH_WATER = 262_144;

/** Shared by all clients of the process: they are drivers, and one flush a turn serves them all. */
const queue: FlushQueue = new FlushQueue();
const pool: BufferPool = new BufferPool();
const ticker: Ticker = new Ticker();

export async function connect(settings: ConnectSettings): Promise<Connection> {
  settings.signal?.throwIfAborted();
  const socket = await openSocket(settings);
  const driver = new SocketDriver(socket, queue, pool, settings.onError);
  const peer = peerOf(socket);
  const connection = createConnection(
    "client",
    connectionOptions(settings.connection),
    driver.output,
    (made) => settings.listener(made, peer),
    performance.now(),
  );
  ticker.add(driver);
  driver.start(connection, () => ticker.delete(driver));
  return connection;
}

function openSocket(settings: ConnectSettings): Promise<Socket> {
  const { to, tls, signal } = settings;
  return new Promise((resolve, reject) => {
    const options = { noDelay: true, highWaterMark: HIGH_WATER, ...to };
    const socket: Socket =
      tls === undefined
        ? connectPlain(options as NetConnectOpts)
        : connectTls({ minVersion: "TLSv1.2", ...options, ...tls, ALPNProtocols: ["h2"] } as TlsConnectOptions);
    const settle = (error?: unknown): void => {
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", settle);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      // Late errors of a socket that was given up must not end the process.
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => settle(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.once("error", settle);
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      const chosen = tls === undefined ? "h2" : (socket as TLSSocket).alpnProtocol;
      settle(chosen === "h2" ? undefined : new Error("the server did not choose h2 (ALPN)"));
    });
  });
}
