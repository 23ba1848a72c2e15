import type { Dispatcher } from "@sampan/core";
import type { Channel, Listener, Transport } from "@sampan/core/ports";
import { createCounters, ReceiveBudget } from "@sampan/h2";
import { GrpcChannel } from "./client/channel.js";
import type { GrpcOptions } from "./options.js";
import { listen } from "./server/listen.js";

/** Received octets that a transport may hold in all its connections (ours). */
const receiveBudget = 512 * 1024 * 1024;

/**
 * gRPC over HTTP/2 on sockets. `listen` serves a dispatcher at `options.address` and gives an address that `connect`
 * understands; each call of either is on its own. Closing the transport closes everything that came from it.
 */
export function grpcTransport(options: GrpcOptions = {}): Transport {
  // One budget and one set of counters for all connections of this transport.
  const connection = { budget: new ReceiveBudget(receiveBudget), counters: createCounters(), ...options.connection };
  const listeners = new Set<Listener>();
  const channels = new Set<Channel>();
  return {
    async listen(dispatcher: Dispatcher): Promise<Listener> {
      const listener = await listen(dispatcher, { ...options, connection });
      listeners.add(listener);
      return {
        address: listener.address,
        drain: () => listener.drain(),
        close() {
          listeners.delete(listener);
          return listener.close();
        },
      };
    },
    connect(target: string): Channel {
      const channel = new GrpcChannel(target, options, connection);
      channels.add(channel);
      return {
        invoke: (method, request, call) => channel.invoke(method, request, call),
        close() {
          channels.delete(channel);
          return channel.close();
        },
      };
    },
    async close(): Promise<void> {
      await Promise.all([...channels, ...listeners].map((each) => each.close()));
    },
  };
}
