import { CoreErrors } from "../core-errors.js";
import type { Dispatcher } from "../dispatcher.js";
import type { Channel, Listener, Transport } from "../ports/transport.js";
import { memoryChannel } from "./memory-channel.js";

export interface MemoryTransportOptions {
  /**
   * Encodes and decodes every message at the boundary, as a network would, so that nothing works in one process and
   * fails in two. Without it a message is handed over, and belongs to the receiver from then on.
   */
  readonly verify?: boolean;
  /** Size limit of one message in bytes; measured when `verify` is on. Default 16 MiB. */
  readonly maxMessageBytes?: number;
}

/** What serves a service in this process, and whether it still takes calls. */
export interface MemoryEndpoint {
  readonly dispatcher: Dispatcher;
  draining: boolean;
  /** Stays known after that, so that its callers hear `Unavailable` and not that there is no such service. */
  closed: boolean;
}

/**
 * Joins services in one process: deadlines, cancellation, codes, metadata and back-pressure are those of a network. A
 * handler starts when it is called; from its first message on, a message is made when the reader asks for it. `connect` ignores its target: a channel reaches every service that
 * listens here.
 */
export function memoryTransport(options: MemoryTransportOptions = {}): Transport {
  const endpoints = new Map<string, MemoryEndpoint>();
  const limits = { verify: options.verify ?? false, maxMessageBytes: options.maxMessageBytes ?? 16 * 1024 * 1024 };
  return {
    listen(dispatcher: Dispatcher): Promise<Listener> {
      const endpoint: MemoryEndpoint = { dispatcher, draining: false, closed: false };
      const names = dispatcher.services.map((service) => service.desc.typeName);
      for (const name of names) {
        if (endpoints.get(name)?.closed === false)
          return Promise.reject(CoreErrors.UNAVAILABLE({ service: name, why: "it is served already" }));
      }
      for (const name of names) endpoints.set(name, endpoint);
      return Promise.resolve({
        address: "memory",
        drain(): Promise<void> {
          endpoint.draining = true;
          return dispatcher.idle();
        },
        close(): Promise<void> {
          endpoint.draining = true;
          endpoint.closed = true;
          dispatcher.abortAll();
          return Promise.resolve();
        },
      });
    },
    connect(): Channel {
      return memoryChannel((service) => endpoints.get(service), limits);
    },
    close(): Promise<void> {
      endpoints.clear();
      return Promise.resolve();
    },
  };
}
