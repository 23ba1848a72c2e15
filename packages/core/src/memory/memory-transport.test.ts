import { type TransportFactory, transportContract } from "@sampan/testkit";
import { type MemoryTransportOptions, memoryTransport } from "./memory-transport.js";

const memory =
  (options: MemoryTransportOptions): TransportFactory =>
  ({ maxMessageBytes }) => {
    const transport = memoryTransport({ ...options, maxMessageBytes });
    return { server: transport, client: transport };
  };

transportContract("memory, verifying", memory({ verify: true }));
transportContract("memory, handing over", memory({ verify: false }), { limitsMessages: false });
